import { BitReader, unescaped } from "../bits.ts";

/** What is of interest in a sequence parameter set of H.264. */
export interface H264Sequence {
  id: number;
  /** Pixels to show. */
  width: number;
  height: number;
  /** The profile is one whose sets tell the format of colours. */
  high: boolean;
  chroma: number;
  lumaBits: number;
  chromaBits: number;
}

const highProfiles = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

/** Parses a NAL unit with a sequence parameter set (ITU-T H.264 section 7.3.2.1.1); undefined if it is none. */
export function parseH264Sequence(nal: Uint8Array): H264Sequence | undefined {
  const r = new BitReader(unescaped(nal.subarray(1)));
  const profile = r.bits(8);
  r.skip(16);
  const id = r.ue();
  const colours = parseColours(r, highProfiles.includes(profile));
  r.ue(); // log2_max_frame_num_minus4
  skipOrder(r);
  r.ue(); // max_num_ref_frames
  r.bit();
  const across = 16 * (r.ue() + 1);
  const mapUnits = r.ue() + 1;
  const frames = r.flag();
  if (!frames) r.bit();
  r.bit(); // direct_8x8_inference_flag
  const down = 16 * mapUnits * (frames ? 1 : 2);
  const [cutAcross, cutDown] = parseCropping(r, colours.separate ? 0 : colours.chroma, frames);
  const [width, height] = [across - cutAcross, down - cutDown];
  const sound = !r.overrun && id < 32 && width > 0 && height > 0 && across <= 16384 && down <= 16384;
  return sound ? { id, width, height, ...colours } : undefined;
}

function parseColours(r: BitReader, high: boolean) {
  const colours = { high, chroma: 1, lumaBits: 8, chromaBits: 8, separate: false };
  if (!high) return colours;
  colours.chroma = r.ue() & 3;
  if (colours.chroma === 3) colours.separate = r.flag();
  colours.lumaBits = 8 + Math.min(r.ue(), 7);
  colours.chromaBits = 8 + Math.min(r.ue(), 7);
  r.bit();
  if (r.flag()) {
    const lists = colours.chroma === 3 ? 12 : 8;
    for (let i = 0; i < lists; i++) if (r.flag()) skipScalingList(r, i < 6 ? 16 : 64);
  }
  return colours;
}

function skipScalingList(r: BitReader, size: number): void {
  let [last, next] = [8, 8];
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + r.se()) & 0xff;
    if (next !== 0) last = next;
  }
}

/** The part about picture order count. */
function skipOrder(r: BitReader): void {
  const type = r.ue();
  if (type === 0) r.ue();
  if (type !== 1) return;
  r.bit();
  r.se();
  r.se();
  const cycle = Math.min(r.ue(), 255);
  for (let i = 0; i < cycle; i++) r.se();
}

function parseCropping(r: BitReader, chroma: number, frames: boolean): [number, number] {
  if (!r.flag()) return [0, 0];
  const [left, right, top, bottom] = [r.ue(), r.ue(), r.ue(), r.ue()];
  const unitAcross = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitDown = (chroma === 1 ? 2 : 1) * (frames ? 1 : 2);
  return [unitAcross * (left + right), unitDown * (top + bottom)];
}
