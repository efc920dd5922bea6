/** One entry of RTP-Info (RFC 2326 section 12.33): where a track starts after PLAY. */
export interface RtpInfo {
  url: string;
  seq?: number;
  rtptime?: number;
}

const maxEntries = 256;

/**
 * Reads the values of RTP-Info headers. URLs are not quoted, yet may hold "," and ";": an entry ends only where the next "url="
 * begins, and a URL where a known parameter does. What makes no sense is left out.
 */
export function parseRtpInfo(values: string[]): RtpInfo[] {
  const entries = values.flatMap((value) => value.split(/,(?=\s*url\s*=)/i));
  return entries.slice(0, maxEntries).flatMap((entry) => {
    const url = /^[\s,]*url\s*=(.*)$/is.exec(entry)?.[1];
    return url === undefined ? [] : [parseEntry(url.trim())];
  });
}

function parseEntry(text: string): RtpInfo {
  const info: RtpInfo = { url: text };
  for (;;) {
    const last = info.url.lastIndexOf(";");
    const parameter = /^(?:(seq|rtptime|ssrc)\s*=(.*))?$/is.exec(info.url.slice(last + 1).trim());
    if (last < 0 || !parameter) break;
    info.url = info.url.slice(0, last);
    const name = parameter[1]?.toLowerCase();
    const value = /^\s*\d{1,10}$/.test(parameter[2] ?? "") ? Number(parameter[2]) : NaN;
    if (name === "seq" && value <= 0xffff) info.seq = value;
    if (name === "rtptime" && value <= 0xffffffff) info.rtptime = value;
  }
  info.url = info.url.trim().replace(/^"(.*)"$/, "$1");
  return info;
}
