import { padded } from "./hash.ts";

const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const sines = Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);

/** MD5 (RFC 1321), which most cameras still ask for. */
export function md5(data: Uint8Array): Uint8Array {
  const view = padded(data, 64, true);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let at = 0; at < view.byteLength; at += 64) mix(state, view, at);
  const sum = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => sum.setInt32(4 * i, word, true));
  return new Uint8Array(sum.buffer);
}

function mix(state: Int32Array, view: DataView, at: number): void {
  let [a, b, c, d] = state as unknown as [number, number, number, number];
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    const [f, word] = choose(round, i, b, c, d);
    const sum = (a + f + sines[i]! + view.getInt32(at + 4 * (word & 15), true)) | 0;
    const shift = shifts[4 * round + (i & 3)]!;
    [a, d, c] = [d, c, b];
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  [a, b, c, d].forEach((word, i) => (state[i] = (state[i]! + word) | 0));
}

/** The function of a round, and which word of the block comes in. */
function choose(round: number, i: number, b: number, c: number, d: number): [number, number] {
  if (round === 0) return [(b & c) | (~b & d), i];
  if (round === 1) return [(d & b) | (~d & c), 5 * i + 1];
  if (round === 2) return [b ^ c ^ d, 3 * i + 5];
  return [c ^ (b | ~d), 7 * i];
}
