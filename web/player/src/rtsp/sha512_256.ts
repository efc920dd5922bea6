import { cubeRoots, padded, squareRoots } from "./hash.ts";

/** SHA-512/256 (FIPS 180-4 section 6.7). */
export function sha512_256(data: Uint8Array): Uint8Array {
  return sha512(data, start).slice(0, 32);
}

/** FIPS 180-4 section 5.3.6: the state to begin with is a hash of the name, from a state that is SHA-512's with other bits. */
const start = words(sha512(new TextEncoder().encode("SHA-512/256"), squareRoots.map((root) => root ^ 0xa5a5a5a5a5a5a5a5n)));

function words(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: 8 }, (_, i) => view.getBigUint64(8 * i));
}

function sha512(data: Uint8Array, from: readonly bigint[]): Uint8Array {
  const view = padded(data, 128);
  const state = BigUint64Array.from(from);
  for (let at = 0; at < view.byteLength; at += 128) mix(state, schedule(view, at));
  const sum = new DataView(new ArrayBuffer(64));
  state.forEach((word, i) => sum.setBigUint64(8 * i, word));
  return new Uint8Array(sum.buffer);
}

function schedule(view: DataView, at: number): BigUint64Array {
  const w = new BigUint64Array(80);
  for (let i = 0; i < 16; i++) w[i] = view.getBigUint64(at + 8 * i);
  for (let i = 16; i < 80; i++) {
    const [early, late] = [w[i - 15]!, w[i - 2]!];
    const s0 = turn(early, 1n) ^ turn(early, 8n) ^ (early >> 7n);
    const s1 = turn(late, 19n) ^ turn(late, 61n) ^ (late >> 6n);
    w[i] = w[i - 16]! + s0 + w[i - 7]! + s1;
  }
  return w;
}

function mix(state: BigUint64Array, w: BigUint64Array): void {
  const v = state.slice();
  for (let i = 0; i < 80; i++) {
    const [a, b, c, , e, f, g, h] = v as unknown as bigint[];
    const first = h! + (turn(e!, 14n) ^ turn(e!, 18n) ^ turn(e!, 41n)) + ((e! & f!) ^ (~e! & g!)) + cubeRoots[i]! + w[i]!;
    const second = (turn(a!, 28n) ^ turn(a!, 34n) ^ turn(a!, 39n)) + ((a! & b!) ^ (a! & c!) ^ (b! & c!));
    v.copyWithin(1, 0, 7);
    v[4]! += first;
    v[0] = first + second;
  }
  v.forEach((word, i) => (state[i]! += word));
}

function turn(word: bigint, by: bigint): bigint {
  return BigInt.asUintN(64, (word >> by) | (word << (64n - by)));
}
