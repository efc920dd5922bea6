import assert from "node:assert/strict";
import { test } from "node:test";
import { depthOfH264, depthOfH265, reorderDepth } from "../src/mp4/depth.ts";
import { encoded } from "./support/encoded.ts";
import { absent } from "./support/ffmpeg.ts";

const skip = absent("ffmpeg");

test("the depth is what the encoder was told", { skip }, () => {
  assert.equal(reorderDepth(encoded("H.264").config), 0);
  assert.equal(reorderDepth(encoded("H.264 with B pictures").config), 2);
  assert.equal(reorderDepth(encoded("H.265").config), 2);
  assert.equal(reorderDepth(encoded("AV1").config), 0);
  assert.equal(reorderDepth(encoded("Opus").config), 0);
});

// Bits, written out: profile, constraints, level, then what follows.
function sps(profile: number, constraints: number, ...codes: string[]): Uint8Array {
  const bits = codes.join("") + "1";
  const bytes = bits.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
  return Uint8Array.of(0x67, profile, constraints, 31, ...bytes);
}

const ue = (value: number) => {
  const binary = (value + 1).toString(2);
  return "0".repeat(binary.length - 1) + binary;
};
const size = [ue(1), "0", ue(79), ue(44), "1", "1", "0"]; // one reference, no gaps; 1280x720, frames only, no cropping
const id = ue(0);
const frameNumber = ue(0);

test("H.264 without a VUI says it by profile or picture order only", () => {
  const order0 = [ue(0), ue(0)];
  const order1 = [ue(1), "0", ue(0), ue(0), ue(2), ue(3), ue(5)];
  assert.equal(depthOfH264(sps(66, 0, id, frameNumber, ...order0, ...size, "0")), 0, "baseline");
  assert.equal(depthOfH264(sps(77, 0, id, frameNumber, ue(2), ...size, "0")), 0, "order of decoding");
  assert.equal(depthOfH264(sps(77, 0, id, frameNumber, ...order0, ...size, "0")), undefined, "main");
  assert.equal(depthOfH264(sps(77, 0, id, frameNumber, ...order1, ...size, "0")), undefined, "order by cycle");
  const high = [ue(1), ue(0), ue(0), "0", "0"];
  assert.equal(depthOfH264(sps(100, 0x10, id, ...high, frameNumber, ...order0, ...size, "0")), 0, "intra profile");
});

test("H.264 with everything in the VUI, and scaling lists in front", () => {
  const list = "1" + ue(0).repeat(16); // sixteen deltas of 0
  const high = [ue(1), ue(0), ue(0), "0", "1", list, "1" + ue(16), "000000"];
  const hrd = [ue(0), "0".repeat(8), ue(9), ue(9), "0", "0".repeat(20)];
  const vui = [
    "1", "11111111", "0".repeat(32), // aspect ratio in numbers
    "11", // overscan
    "1", "1010", "1", "0".repeat(24), // colours
    "1", ue(1), ue(1), // chroma
    "1", "0".repeat(65), // timing
    "1", ...hrd, "1", ...hrd, "0", // two decoders, low delay
    "1", // pictures' structure
    "1", "1", ue(0), ue(0), ue(10), ue(10), ue(3), ue(4), // restrictions: depth 3
  ];
  const bytes = prevent(sps(100, 0, id, ...high, frameNumber, ue(0), ue(0), ...size, "1", ...vui));
  assert.equal(depthOfH264(bytes), 3);
});

/** Puts the 3 of emulation prevention in. */
function prevent(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
    out.push(byte);
  }
  return Uint8Array.from(out);
}

test("an SPS that ends early, or is anything at all, says nothing and harms nobody", { skip }, () => {
  for (const name of ["H.264 with B pictures", "H.265"]) {
    const { config } = encoded(name);
    const whole = config.description!;
    for (let length = 0; length < whole.length; length++) {
      const depth = reorderDepth({ ...config, description: whole.subarray(0, length) } as typeof config);
      assert.ok(depth === undefined || depth <= 16);
    }
  }
  let seed = 7;
  for (let i = 0; i < 2000; i++) {
    const bytes = Uint8Array.from({ length: 64 }, () => (seed = (seed * 48271) % 2147483647) & 255);
    depthOfH264(bytes);
    depthOfH265(bytes);
  }
});
