/** The Transport header of a SETUP for interleaved media (RFC 2326 section 12.39). */
export function transportOf(profile: string, channel: number, record: boolean): string {
  // Without the quotes that the RFC has around the mode: FFmpeg, when it is the server, knows no other.
  return `${profile}/TCP;unicast;interleaved=${channel}-${channel + 1}${record ? ";mode=record" : ""}`;
}

/** The two channels that the server settled for: what was asked for stands where it says nothing. It throws an Error if media would come another way. */
export function channelsOf(transport: string | undefined, asked: [number, number]): [number, number] {
  const [, rtp, rtcp] = /;\s*interleaved\s*=\s*(\d{1,3})(?:\s*-\s*(\d{1,3}))?/i.exec(transport ?? "") ?? [];
  if (rtp === undefined) {
    if (/;\s*(client_port|server_port|port)\s*=/i.test(transport ?? "")) {
      throw new Error("The server wants to send media past the connection, which a browser can not receive.");
    }
    return asked;
  }
  const channels: [number, number] = [Number(rtp), Number(rtcp ?? Number(rtp) + 1)];
  if (channels.some((c) => c > 255)) throw new Error("The server settles for a channel that there is not.");
  return channels;
}
