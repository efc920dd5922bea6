import { joined } from "../../depacketize/assembly.ts";
import { maxPayload, type Packetizer, parts } from "./packetizer.ts";

/** VP8 (RFC 7741) with the shortest descriptor: all of a frame as partition 0, whose beginning S marks. */
export function vp8Packetizer(most = maxPayload): Packetizer {
  return (frame) => parts(frame, most - 1).map((part, i) => joined([i === 0 ? 0x10 : 0x00], part));
}
