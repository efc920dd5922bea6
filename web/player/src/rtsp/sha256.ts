import { cubeRoots, padded, squareRoots } from "./hash.ts";

const constants = cubeRoots.slice(0, 64).map((root) => Number(root >> 32n));

/** SHA-256 (FIPS 180-4 section 6.2). */
export function sha256(data: Uint8Array): Uint8Array {
  const view = padded(data, 64);
  const state = Uint32Array.from(squareRoots, (root) => Number(root >> 32n));
  for (let at = 0; at < view.byteLength; at += 64) mix(state, schedule(view, at));
  const sum = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => sum.setUint32(4 * i, word));
  return new Uint8Array(sum.buffer);
}

function schedule(view: DataView, at: number): Uint32Array {
  const w = new Uint32Array(64);
  for (let i = 0; i < 16; i++) w[i] = view.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [early, late] = [w[i - 15]!, w[i - 2]!];
    const s0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const s1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
  }
  return w;
}

function mix(state: Uint32Array, w: Uint32Array): void {
  const v = state.slice();
  for (let i = 0; i < 64; i++) {
    const [a, b, c, , e, f, g, h] = v as unknown as number[] & { length: 8 };
    const first = h! + (turn(e!, 6) ^ turn(e!, 11) ^ turn(e!, 25)) + ((e! & f!) ^ (~e! & g!)) + constants[i]! + w[i]!;
    const second = (turn(a!, 2) ^ turn(a!, 13) ^ turn(a!, 22)) + ((a! & b!) ^ (a! & c!) ^ (b! & c!));
    v.copyWithin(1, 0, 7);
    v[4]! += first;
    v[0] = first + second;
  }
  v.forEach((word, i) => (state[i]! += word));
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}
