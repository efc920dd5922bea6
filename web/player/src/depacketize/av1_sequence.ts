import { joined } from "./assembly.ts";
import { BitReader } from "../bits.ts";
import { leb128 } from "./leb128.ts";

/** What is of interest in a sequence header of AV1. */
export interface Av1Sequence {
  profile: number;
  level: number;
  tier: number;
  width: number;
  height: number;
  /** All frames are key frames, with a short header. */
  still: boolean;
  highDepth: boolean;
  twelve: boolean;
  monochrome: boolean;
  across: number;
  down: number;
  position: number;
  /** The OBU without header. */
  body: Uint8Array;
}

/** Parses a sequence header OBU without its header (AV1 section 5.5); undefined if it is none. */
export function parseAv1Sequence(body: Uint8Array): Av1Sequence | undefined {
  const r = new BitReader(body);
  const profile = r.bits(3);
  r.bit(); // still_picture
  const still = r.flag();
  const { level, tier } = still ? { level: r.bits(5), tier: 0 } : parseOperatingPoints(r);
  const [widthBits, heightBits] = [r.bits(4) + 1, r.bits(4) + 1];
  const [width, height] = [r.bits(widthBits) + 1, r.bits(heightBits) + 1];
  skipTools(r, still);
  const colours = parseColours(r, profile);
  if (r.overrun || profile > 2 || body.length > 4096) return undefined;
  return { profile, level, tier, width, height, still, ...colours, body: body.slice() };
}

/** Level and tier of the first operating point, which decoders choose. */
function parseOperatingPoints(r: BitReader): { level: number; tier: number } {
  const timing = r.flag();
  let delayBits = 0;
  let decoderModel = false;
  if (timing) {
    r.skip(64);
    if (r.flag()) r.ue(); // num_ticks_per_picture_minus_1, uvlc
    decoderModel = r.flag();
    if (decoderModel) {
      delayBits = r.bits(5) + 1;
      r.skip(32 + 5 + 5);
    }
  }
  const delay = r.flag();
  const count = r.bits(5) + 1;
  let first = { level: 0, tier: 0 };
  for (let i = 0; i < count; i++) {
    r.skip(12);
    const level = r.bits(5);
    const tier = level > 7 ? r.bit() : 0;
    if (decoderModel && r.flag()) r.skip(2 * delayBits + 1);
    if (delay && r.flag()) r.skip(4);
    if (i === 0) first = { level, tier };
  }
  return first;
}

/** From the frame ids to film grain: tools that say nothing to a player. */
function skipTools(r: BitReader, still: boolean): void {
  if (!still && r.flag()) r.skip(4 + 3);
  r.skip(3); // superblock, filter intra, intra edge filter
  if (!still) {
    r.skip(4); // interintra, masked compound, warped motion, dual filter
    const orderHint = r.flag();
    if (orderHint) r.skip(2);
    const screenTools = r.flag() ? 2 : r.bit();
    if (screenTools > 0 && !r.flag()) r.bit();
    if (orderHint) r.skip(3);
  }
  r.skip(3); // superres, cdef, restoration
}

function parseColours(r: BitReader, profile: number) {
  const highDepth = r.flag();
  const twelve = profile === 2 && highDepth && r.flag();
  const monochrome = profile !== 1 && r.flag();
  const described = r.flag() ? [r.bits(8), r.bits(8), r.bits(8)] : [2, 2, 2];
  const c = { highDepth, twelve, monochrome, across: 1, down: 1, position: 0 };
  if (monochrome) return r.bit(), c;
  if (described.join() === "1,13,0") return { ...c, across: 0, down: 0 }; // sRGB
  r.bit(); // color_range
  if (profile === 1) c.across = c.down = 0;
  if (profile === 2) {
    c.across = twelve ? r.bit() : 1;
    c.down = twelve && c.across === 1 ? r.bit() : 0;
  }
  if (c.across === 1 && c.down === 1) c.position = r.bits(2);
  return c;
}

/** The string of "AV1 Codec ISO Media File Format Binding" section 5, without what is optional. */
export function av1Codec(s: Av1Sequence): string {
  const two = (n: number) => n.toString().padStart(2, "0");
  const depth = s.twelve ? 12 : s.highDepth ? 10 : 8;
  return `av01.${s.profile}.${two(s.level)}${s.tier ? "H" : "M"}.${two(depth)}`;
}

/** AV1CodecConfigurationRecord (the same document, section 2.3), with the sequence header. */
export function av1C(s: Av1Sequence): Uint8Array {
  const bit = (set: boolean | number, at: number) => (set ? 1 << at : 0);
  const format =
    bit(s.tier, 7) | bit(s.highDepth, 6) | bit(s.twelve, 5) | bit(s.monochrome, 4) | bit(s.across, 3) | bit(s.down, 2);
  return joined([0x81, (s.profile << 5) | s.level, format | s.position, 0, 0x0a, ...leb128(s.body.length)], s.body);
}
