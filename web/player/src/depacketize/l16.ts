import type { Media } from "../types.ts";
import { PcmDepacketizer } from "./pcm.ts";

/** L8, with an offset, L16 (RFC 3551 sections 4.5.10 and 4.5.11) and L24 (RFC 3190 section 4), big endian. */
export function linear(media: Media, bits: 8 | 16 | 24): PcmDepacketizer {
  switch (bits) {
    case 8:
      return new PcmDepacketizer(media, 1, (view, at) => (view.getUint8(at) - 128) / 128);
    case 16:
      return new PcmDepacketizer(media, 2, (view, at) => view.getInt16(at) / 32768);
    case 24:
      return new PcmDepacketizer(media, 3, (view, at) => (view.getInt16(at) * 256 + view.getUint8(at + 2)) / 8388608);
  }
}
