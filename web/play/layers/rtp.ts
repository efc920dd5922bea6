import { Fields, hex, type Part } from "./fields.ts";
import { payload } from "./payload.ts";

/** The header of an RTP packet (RFC 3550 section 5.1), and that of its payload. */
export function rtp(b: Uint8Array, encoding: string): Part[] {
  const f = new Fields(b);
  f.take("version", 2);
  const padding = f.take("padding", 1);
  const extension = f.take("extension", 1);
  const sources = f.take("CSRC count", 4);
  f.take("marker", 1);
  f.take("payload type", 7);
  f.take("sequence number", 16);
  f.take("timestamp", 32);
  f.take("SSRC", 32, hex);
  for (let i = 0; i < sources; i++) f.take(`CSRC ${i + 1}`, 32, hex);
  if (extension === 1) {
    f.take("profile", 16, (n) => `0x${n.toString(16).padStart(4, "0")}`);
    const words = f.take("words", 16);
    f.bytes("extension", Math.max(words, 0) * 4, (v) => `${v.length} bytes`);
  }
  const parts: Part[] = [{ name: "RTP", fields: f.list }];
  const end = b.length - (padding === 1 ? (b[b.length - 1] ?? 0) : 0);
  const inner = payload(b.subarray(0, Math.max(end, f.byte)), f.byte, encoding);
  if (inner) parts.push(inner);
  return parts;
}

/** What the scrolling strip and the table need of each packet; undefined: it is none. */
export interface Head {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
}

export function head(b: Uint8Array): Head | undefined {
  if (b.length < 12 || b[0]! >> 6 !== 2) return undefined;
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength);
  return {
    marker: b[1]! >> 7 === 1,
    payloadType: b[1]! & 127,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
  };
}
