import type { CodecConfig } from "../types.ts";
import { BitReader, unescaped } from "../bits.ts";

const deepest = 16; // the standards allow no more

/** Over how many others a picture may be moved between decoding and presentation; undefined if the configuration does not say. */
export function reorderDepth(config: CodecConfig): number | undefined {
  const { format, description } = config;
  if (format !== "h264" && format !== "h265") return 0;
  if (!description) return undefined;
  const sps = format === "h264" ? spsOfAvcC(description) : spsOfHvcC(description);
  if (!sps) return undefined;
  const depth = format === "h264" ? depthOfH264(sps) : depthOfH265(sps);
  return depth !== undefined && depth <= deepest ? depth : undefined;
}

/** ISO/IEC 14496-15 section 5.3.3.1. */
function spsOfAvcC(avcC: Uint8Array): Uint8Array | undefined {
  const count = (avcC[5] ?? 0) & 31;
  return count > 0 ? unitAt(avcC, 6) : undefined;
}

/** ISO/IEC 14496-15 section 8.3.3.1: arrays of NAL units, each of one type. */
function spsOfHvcC(hvcC: Uint8Array): Uint8Array | undefined {
  let at = 23;
  for (let arrays = hvcC[22] ?? 0; arrays > 0 && at < hvcC.length; arrays--) {
    const type = hvcC[at]! & 63;
    let count = u16(hvcC, at + 1);
    at += 3;
    if (type === 33 && count > 0) return unitAt(hvcC, at);
    for (; count > 0 && at < hvcC.length; count--) at += 2 + u16(hvcC, at);
  }
  return undefined;
}

function unitAt(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.subarray(at + 2, at + 2 + u16(bytes, at));
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** Max_num_reorder_frames of an SPS, ITU-T H.264 section 7.3.2.1.1 and E.1.1, or what its profile makes it. */
export function depthOfH264(sps: Uint8Array): number | undefined {
  const r = new BitReader(unescaped(sps.subarray(1)));
  const profile = r.bits(8);
  const constraints = r.bits(8);
  r.skip(8); // level
  r.ue(); // id
  if (hasChroma.includes(profile)) chroma(r);
  r.ue(); // bits of frame_num
  const order = pictureOrder(r);
  r.ue(); // reference frames
  r.skip(1);
  r.ue(); // width
  r.ue(); // height
  if (!r.bit()) r.skip(1); // fields
  r.skip(1);
  if (r.bit()) for (let i = 0; i < 4; i++) r.ue(); // cropping
  const depth = r.bit() ? restrictedDepth(r) : undefined;
  if (r.overrun) return undefined;
  const intraOnly = profile === 44 || (intraProfiles.includes(profile) && (constraints & 0x10) !== 0);
  if (profile === 66 || order === 2 || intraOnly) return 0;
  return depth;
}

const hasChroma = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
const intraProfiles = [86, 100, 110, 122, 244];

function chroma(r: BitReader): void {
  const format = r.ue();
  if (format === 3) r.skip(1);
  r.ue(); // bit depths
  r.ue();
  r.skip(1);
  if (!r.bit()) return;
  const lists = format === 3 ? 12 : 8;
  for (let i = 0; i < lists; i++) if (r.bit()) scalingList(r, i < 6 ? 16 : 64);
}

/** Section 7.3.2.1.1.1: a list ends early when its next scale is 0. */
function scalingList(r: BitReader, size: number): void {
  let scale = 8;
  for (let i = 0; i < size && scale !== 0; i++) scale = (scale + r.se() + 256) % 256;
}

/** Reads what belongs to pic_order_cnt_type, and returns it. */
function pictureOrder(r: BitReader): number {
  const type = r.ue();
  if (type === 0) r.ue();
  if (type !== 1) return type;
  r.skip(1);
  r.se();
  r.se();
  for (let cycle = r.ue(); cycle > 0 && !r.overrun; cycle--) r.se();
  return type;
}

/** Reads the VUI up to bitstream_restriction. */
function restrictedDepth(r: BitReader): number | undefined {
  if (r.bit() && r.bits(8) === 255) r.skip(32); // aspect ratio
  if (r.bit()) r.skip(1); // overscan
  if (r.bit()) { // colours
    r.skip(4);
    if (r.bit()) r.skip(24);
  }
  if (r.bit()) { // where chroma is
    r.ue();
    r.ue();
  }
  if (r.bit()) r.skip(32 + 32 + 1); // timing
  const nal = r.bit();
  if (nal) hypotheticalDecoder(r);
  const vcl = r.bit();
  if (vcl) hypotheticalDecoder(r);
  if (nal || vcl) r.skip(1);
  r.skip(1);
  if (!r.bit()) return undefined;
  r.skip(1);
  for (let i = 0; i < 4; i++) r.ue();
  return r.ue();
}

/** Section E.1.2. */
function hypotheticalDecoder(r: BitReader): void {
  const buffers = r.ue() + 1;
  r.skip(8);
  for (let i = 0; i < buffers && !r.overrun; i++) {
    r.ue();
    r.ue();
    r.skip(1);
  }
  r.skip(20);
}

/** Sps_max_num_reorder_pics of the highest layer, ITU-T H.265 section 7.3.2.2.1. */
export function depthOfH265(sps: Uint8Array): number | undefined {
  const r = new BitReader(unescaped(sps.subarray(2)));
  r.skip(4);
  const layers = r.bits(3);
  r.skip(1);
  profileTierLevel(r, layers);
  r.ue(); // id
  if (r.ue() === 3) r.skip(1);
  r.ue(); // width
  r.ue(); // height
  if (r.bit()) for (let i = 0; i < 4; i++) r.ue(); // cropping
  r.ue(); // bit depths
  r.ue();
  r.ue(); // bits of the picture order count
  let depth = 0;
  for (let i = r.bit() ? 0 : layers; i <= layers; i++) {
    r.ue();
    depth = r.ue();
    r.ue();
  }
  return r.overrun ? undefined : depth;
}

/** Section 7.3.3; layers is how many are below the highest. */
function profileTierLevel(r: BitReader, layers: number): void {
  r.skip(88 + 8);
  const lengths = Array.from({ length: layers }, () => r.bit() * 88 + r.bit() * 8);
  if (layers > 0) r.skip(2 * (8 - layers));
  for (const length of lengths) r.skip(length);
}
