import type { Packetizer } from "./packetizer.ts";

/** Opus (RFC 7587): a packet of Opus is the payload, and no frame of 20 ms is too large for one (RFC 6716 section 3.2.1). */
export function opusPacketizer(): Packetizer {
  return (packet) => (packet.length === 0 ? [] : [packet]);
}
