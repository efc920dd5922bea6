import { BitReader, unescaped } from "../bits.ts";

/** What is of interest in a sequence parameter set of H.265. */
export interface H265Sequence {
  id: number;
  /** Pixels to show. */
  width: number;
  height: number;
  /** Twelve bytes of general profile, tier and level, as they are. */
  profile: Uint8Array;
  /** Temporal sub-layers. */
  layers: number;
  nested: boolean;
  chroma: number;
  lumaBits: number;
  chromaBits: number;
}

/** Parses a NAL unit with a sequence parameter set (ITU-T H.265 section 7.3.2.2.1); undefined if it is none. */
export function parseH265Sequence(nal: Uint8Array): H265Sequence | undefined {
  const plain = unescaped(nal.subarray(2));
  const r = new BitReader(plain);
  r.skip(4);
  const layers = r.bits(3) + 1;
  const nested = r.flag();
  const profile = plain.slice(1, 13);
  r.skip(96);
  skipSubLayers(r, layers - 1);
  const id = r.ue();
  const chroma = r.ue() & 3;
  const separate = chroma === 3 && r.flag();
  const [across, down] = [r.ue(), r.ue()];
  const [cutAcross, cutDown] = parseWindow(r, separate ? 0 : chroma);
  const [lumaBits, chromaBits] = [8 + Math.min(r.ue(), 7), 8 + Math.min(r.ue(), 7)];
  const [width, height] = [across - cutAcross, down - cutDown];
  const sound = !r.overrun && layers < 8 && id < 16 && width > 0 && height > 0 && across <= 16384 && down <= 16384;
  return sound ? { id, width, height, profile, layers, nested, chroma, lumaBits, chromaBits } : undefined;
}

/** Profile and level of sub-layers. */
function skipSubLayers(r: BitReader, count: number): void {
  if (count === 0) return;
  const present: boolean[] = [];
  for (let i = 0; i < count; i++) present.push(r.flag(), r.flag());
  r.skip(2 * (8 - count));
  for (let i = 0; i < count; i++) {
    if (present[2 * i]) r.skip(88);
    if (present[2 * i + 1]) r.skip(8);
  }
}

/** The conformance window: pixels that are not shown. */
function parseWindow(r: BitReader, chroma: number): [number, number] {
  if (!r.flag()) return [0, 0];
  const [left, right, top, bottom] = [r.ue(), r.ue(), r.ue(), r.ue()];
  const unitAcross = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitDown = chroma === 1 ? 2 : 1;
  return [unitAcross * (left + right), unitDown * (top + bottom)];
}
