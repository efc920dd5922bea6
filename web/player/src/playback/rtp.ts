import type { RtpPacket } from "../types.ts";

/** Reads an RTP packet (RFC 3550 section 5.1). The payload is a view of data. Undefined if it is none. */
export function parseRtp(data: Uint8Array): RtpPacket | undefined {
  if (data.length < 12 || data[0]! >> 6 !== 2) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let start = 12 + 4 * (data[0]! & 15);
  if (data[0]! & 0x10) { // header extension
    if (data.length < start + 4) return undefined;
    start += 4 + 4 * view.getUint16(start + 2);
  }
  const padding = data[0]! & 0x20 ? data[data.length - 1]! : 0;
  const end = data.length - padding;
  if (start > end) return undefined;
  return {
    marker: data[1]! >= 0x80,
    payloadType: data[1]! & 0x7f,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: data.subarray(start, end),
  };
}
