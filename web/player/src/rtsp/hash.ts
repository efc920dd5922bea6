/** What Digest needs of hash functions. crypto.subtle has no MD5, and is absent from pages that come over plain HTTP. */

/** The hash of bytes. */
export type Hash = (data: Uint8Array) => Uint8Array;

/** Data with a 1 bit, zeros and its length in bits behind it, so that blocks are whole. MD5 writes the length the other way round. */
export function padded(data: Uint8Array, block: 64 | 128, littleEndian = false): DataView {
  const size = Math.ceil((data.length + 1 + block / 8) / block) * block;
  const bytes = new Uint8Array(size);
  bytes.set(data);
  bytes[data.length] = 0x80;
  const view = new DataView(bytes.buffer);
  const lengthAt = littleEndian ? size - block / 8 : size - 8;
  view.setBigUint64(lengthAt, BigInt(data.length) * 8n, littleEndian);
  return view;
}

const primes = firstPrimes(80);

/** The first 64 bits behind the point of the cube roots of the first 80 primes: the constants of SHA-2 (FIPS 180-4 section 4.2.3). */
export const cubeRoots = primes.map((p) => BigInt.asUintN(64, integerRoot(p << 192n, 3n)));

/** The same of the square roots of the first 8: the state that SHA-2 begins with (FIPS 180-4 section 5.3). */
export const squareRoots = primes.slice(0, 8).map((p) => BigInt.asUintN(64, integerRoot(p << 128n, 2n)));

function firstPrimes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) {
    if (found.every((p) => n % p !== 0n)) found.push(n);
  }
  return found;
}

/** The largest whole number whose power is not over n, by Newton's method from above. */
function integerRoot(n: bigint, power: bigint): bigint {
  for (let root = 1n << 80n; ; ) {
    const next = ((power - 1n) * root + n / root ** (power - 1n)) / power;
    if (next >= root) return root;
    root = next;
  }
}
