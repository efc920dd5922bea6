import type { Media } from "../types.ts";
import { PcmDepacketizer } from "./pcm.ts";

/** PCMU and PCMA (RFC 3551 section 4.5.14). */
export function g711(media: Media, law: "mu" | "a"): PcmDepacketizer {
  const expand = law === "mu" ? fromMuLaw : fromALaw;
  return new PcmDepacketizer(media, 1, (view, at) => expand(view.getUint8(at)) / 32768);
}

/** A 16-bit sample of mu-law (ITU-T G.711). */
function fromMuLaw(code: number): number {
  const plain = ~code & 0xff;
  const size = ((((plain & 0xf) << 3) + 0x84) << ((plain >> 4) & 7)) - 0x84;
  return plain & 0x80 ? -size : size;
}

/** A 16-bit sample of A-law. */
function fromALaw(code: number): number {
  const plain = code ^ 0x55;
  const segment = (plain >> 4) & 7;
  const step = ((plain & 0xf) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return plain & 0x80 ? size : -size;
}
