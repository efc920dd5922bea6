/** RTCP (RFC 3550 section 6): what a player reads of it, and what it answers. */

export interface SenderReport {
  type: "sr";
  ssrc: number;
  /** When it was sent, by the sender's clock: ms since 1970. Before 1970 (0 on the wire) the sender has no clock. */
  time: number;
  /** The middle 32 bits of that time as it was sent: what a receiver report names as lastReport. */
  timeWord: number;
  /** The RTP timestamp of the same moment. */
  timestamp: number;
  packets: number;
  /** Bytes of payload. */
  bytes: number;
  reports: ReportBlock[];
}

/** What one receiver says about one source (section 6.4.1). */
export interface ReportBlock {
  ssrc: number;
  /** Of the packets since the report before: 0 to 1. */
  fractionLost: number;
  /** Since the beginning; duplicates make it negative. */
  lost: number;
  /** The highest sequence number, with how often it wrapped in its upper 16 bits. */
  highest: number;
  /** In units of the clock rate. */
  jitter: number;
  /** timeWord of the newest sender report; 0 without one. */
  lastReport: number;
  /** Since it came, in 1/65536 s. */
  delay: number;
}

export type RtcpPacket =
  | SenderReport
  | { type: "rr"; ssrc: number; reports: ReportBlock[] }
  | { type: "sdes"; sources: { ssrc: number; cname: string }[] }
  | { type: "bye"; ssrcs: number[]; reason: string };

const unixEpoch = 2208988800; // seconds of NTP

/** The packets of a compound; of types that are not known here none, and nothing behind what is damaged. */
export function parseRtcp(compound: Uint8Array): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let rest = new DataView(compound.buffer, compound.byteOffset, compound.byteLength);
  while (rest.byteLength >= 4 && rest.getUint8(0) >> 6 === 2) {
    const size = 4 * (rest.getUint16(2) + 1);
    if (size > rest.byteLength) break;
    const padding = rest.getUint8(0) & 0x20 ? rest.getUint8(size - 1) : 0;
    if (padding > size - 4) break;
    const packet = parsePacket(rest.getUint8(1), rest.getUint8(0) & 31, part(rest, 4, size - padding));
    if (packet !== undefined) packets.push(packet);
    rest = part(rest, size, rest.byteLength);
  }
  return packets;
}

function parsePacket(type: number, count: number, body: DataView): RtcpPacket | undefined {
  if (type === 200 && body.byteLength >= 24) return parseSenderReport(body, count);
  if (type === 201 && body.byteLength >= 4) return { type: "rr", ssrc: body.getUint32(0), reports: parseReports(part(body, 4, body.byteLength), count) };
  if (type === 202) return { type: "sdes", sources: parseSources(body, count) };
  if (type === 203 && body.byteLength >= 4 * count) return parseBye(body, count);
  return undefined;
}

function parseSenderReport(body: DataView, count: number): SenderReport {
  return {
    type: "sr",
    ssrc: body.getUint32(0),
    time: (body.getUint32(4) - unixEpoch + body.getUint32(8) / 2 ** 32) * 1000,
    timeWord: body.getUint32(6),
    timestamp: body.getUint32(12),
    packets: body.getUint32(16),
    bytes: body.getUint32(20),
    reports: parseReports(part(body, 24, body.byteLength), count),
  };
}

function parseReports(body: DataView, count: number): ReportBlock[] {
  return Array.from({ length: Math.min(count, Math.floor(body.byteLength / 24)) }, (_, i) => {
    const b = part(body, 24 * i, 24 * i + 24);
    return {
      ssrc: b.getUint32(0),
      fractionLost: b.getUint8(4) / 256,
      lost: (b.getInt32(4) << 8) >> 8,
      highest: b.getUint32(8),
      jitter: b.getUint32(12),
      lastReport: b.getUint32(16),
      delay: b.getUint32(20),
    };
  });
}

function parseSources(body: DataView, count: number): { ssrc: number; cname: string }[] {
  const sources: { ssrc: number; cname: string }[] = [];
  for (let at = 0; sources.length < count && at + 4 < body.byteLength; ) {
    const source = { ssrc: body.getUint32(at), cname: "" };
    for (at += 4; at + 1 < body.byteLength && body.getUint8(at) !== 0; at += 2 + body.getUint8(at + 1)) {
      const end = at + 2 + body.getUint8(at + 1);
      if (end > body.byteLength) return sources;
      if (body.getUint8(at) === 1) source.cname = text(part(body, at + 2, end));
    }
    sources.push(source);
    at = (at & ~3) + 4; // items end with a zero, and zeros up to the next word
  }
  return sources;
}

function parseBye(body: DataView, count: number): RtcpPacket {
  const ssrcs = Array.from({ length: count }, (_, i) => body.getUint32(4 * i));
  const at = 4 * count;
  const length = at < body.byteLength ? body.getUint8(at) : 0;
  return { type: "bye", ssrcs, reason: at + 1 + length <= body.byteLength ? text(part(body, at + 1, at + 1 + length)) : "" };
}

/** A receiver report with the name of who reports, which must be in every compound (section 6.1). 31 reports at most. */
export function receiverReport(ssrc: number, cname: string, reports: ReportBlock[]): Uint8Array {
  const blocks = reports.slice(0, 31);
  return compound([packet(201, blocks.length, 4 + 24 * blocks.length, (view) => {
    view.setUint32(0, ssrc);
    writeReports(view, 4, blocks);
  }), description(ssrc, cname)]);
}

/** The report of a sender, at a time in ms since 1970, with its name. */
export function senderReport(report: Omit<SenderReport, "type" | "timeWord" | "reports">, cname: string): Uint8Array {
  return compound([packet(200, 0, 24, (view) => {
    const seconds = Math.floor(report.time / 1000);
    view.setUint32(0, report.ssrc);
    view.setUint32(4, seconds + unixEpoch);
    view.setUint32(8, Math.floor((report.time / 1000 - seconds) * 2 ** 32));
    [report.timestamp, report.packets, report.bytes].forEach((word, i) => view.setUint32(12 + 4 * i, word));
  }), description(report.ssrc, cname)]);
}

/** SDES with a name (section 6.5.1), of 255 bytes at most. */
function description(ssrc: number, cname: string): Uint8Array {
  const name = new TextEncoder().encode(cname).slice(0, 255);
  return packet(202, 1, 4 * Math.ceil((4 + 2 + name.length + 1) / 4), (view) => {
    view.setUint32(0, ssrc);
    view.setUint16(4, 0x0100 | name.length);
    name.forEach((byte, i) => view.setUint8(6 + i, byte));
  });
}

function writeReports(view: DataView, at: number, reports: ReportBlock[]): void {
  reports.forEach((r, i) => {
    const b = part(view, at + 24 * i, at + 24 * i + 24);
    b.setUint32(0, r.ssrc);
    b.setUint32(4, Math.min(Math.max(r.lost, -0x800000), 0x7fffff) & 0xffffff);
    b.setUint8(4, Math.min(Math.max(Math.floor(r.fractionLost * 256), 0), 255));
    [r.highest, r.jitter, r.lastReport, r.delay].forEach((word, n) => b.setUint32(8 + 4 * n, word));
  });
}

function packet(type: number, count: number, bodySize: number, write: (body: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(4 + bodySize);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x80 | count);
  view.setUint8(1, type);
  view.setUint16(2, bodySize / 4);
  write(part(view, 4, bytes.length));
  return bytes;
}

function compound(packets: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(packets.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of packets) {
    bytes.set(p, at);
    at += p.length;
  }
  return bytes;
}

function part(view: DataView, from: number, to: number): DataView {
  return new DataView(view.buffer, view.byteOffset + from, to - from);
}

function text(view: DataView): string {
  return new TextDecoder().decode(view);
}
