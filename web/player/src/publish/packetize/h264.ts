import { joined } from "../../depacketize/assembly.ts";
import { type AvcC, nalsOf } from "../avcc.ts";
import { maxPayload, type Packetizer, parts } from "./packetizer.ts";

const SPS = 7;
const STAP_A = 24;
const FU_A = 28;

/**
 * H.264 (RFC 6184, packetization-mode 1). The parameter sets go along with each key picture: whoever joins has them at hand, and
 * new ones need no new description.
 */
export function h264Packetizer(config: AvcC, most = maxPayload): Packetizer {
  return (unit, key) => {
    const nals = nalsOf(unit, config.lengthSize);
    const bare = key && !nals.some((nal) => typeOf(nal) === SPS);
    return groups(bare ? [...config.sets, ...nals] : nals, most).flatMap((group) => payloads(group, most));
  };
}

/** Neighbours that fit into one packet together. */
function groups(nals: Uint8Array[], most: number): Uint8Array[][] {
  const all: Uint8Array[][] = [];
  let room = 0;
  for (const nal of nals) {
    const last = all.at(-1);
    if (last !== undefined && nal.length + 2 <= room) last.push(nal);
    else {
      all.push([nal]);
      room = most - 1;
    }
    room -= nal.length + 2;
  }
  return all;
}

function payloads(group: Uint8Array[], most: number): Uint8Array[] {
  if (group.length > 1) return [aggregate(group)];
  const nal = group[0]!;
  return nal.length <= most ? [nal] : fragments(nal, most);
}

function aggregate(nals: Uint8Array[]): Uint8Array {
  const importance = Math.max(...nals.map((nal) => nal[0]! & 0x60));
  return joined([importance | STAP_A], ...nals.flatMap((nal) => [[nal.length >> 8, nal.length & 0xff], nal]));
}

function fragments(nal: Uint8Array, most: number): Uint8Array[] {
  const cut = parts(nal.subarray(1), most - 2);
  return cut.map((part, i) => {
    const flags = (i === 0 ? 0x80 : 0) | (i === cut.length - 1 ? 0x40 : 0);
    return joined([(nal[0]! & 0xe0) | FU_A, flags | typeOf(nal)], part);
  });
}

function typeOf(nal: Uint8Array): number {
  return nal[0]! & 0x1f;
}
