import { BitReader } from "../bits.ts";

/** What is of interest in the uncompressed header of a key frame of VP9. */
export interface Vp9Header {
  profile: number;
  /** Bits a sample. */
  depth: number;
  width: number;
  height: number;
}

/** Parses the uncompressed header (VP9 section 6.2); undefined if the frame is no key frame. */
export function parseVp9Header(frame: Uint8Array): Vp9Header | undefined {
  const r = new BitReader(frame.subarray(0, 32));
  if (r.bits(2) !== 2) return undefined;
  const profile = r.bit() + 2 * r.bit();
  if (profile === 3) r.bit();
  const existing = r.flag();
  const inter = r.flag();
  r.skip(2); // show_frame, error_resilient_mode
  if (existing || inter || r.bits(24) !== 0x498342) return undefined;
  const depth = profile < 2 ? 8 : r.flag() ? 12 : 10;
  const space = r.bits(3);
  if (space !== 7) r.bit();
  if (profile % 2 === 1) r.skip(space === 7 ? 1 : 3);
  const [width, height] = [r.bits(16) + 1, r.bits(16) + 1];
  return r.overrun ? undefined : { profile, depth, width, height };
}

/** Levels, and the largest picture of each in pixels (VP9 annex A). */
const levels: readonly (readonly [number, number])[] = [
  [10, 36864],
  [11, 73728],
  [20, 122880],
  [21, 245760],
  [30, 552960],
  [31, 983040],
  [40, 2228224],
  [50, 8912896],
  [60, 35651584],
];

/** The string of "VP Codec ISO Media File Format Binding". The stream does not say its level: it is the lowest for the size. */
export function vp9Codec(header: Vp9Header, pixels: number): string {
  const level = (levels.find(([, most]) => pixels <= most) ?? [62])[0];
  return `vp09.0${header.profile}.${level}.${header.depth.toString().padStart(2, "0")}`;
}
