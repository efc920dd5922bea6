/** Reads bits, the highest of a byte first. Behind the end there are zeros, and `overrun` says that it came to that. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#at;
  }

  /** Bits not read yet; negative once more was read than there is. */
  get left(): number {
    return 8 * this.#bytes.length - this.#at;
  }

  get overrun(): boolean {
    return this.left < 0;
  }

  bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    const bit = (byte >> (7 - (this.#at & 7))) & 1;
    this.#at++;
    return bit;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** An unsigned number of up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** To the next whole byte. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** ue(v), an Exp-Golomb number (ITU-T H.264 section 9.1). One of more than 32 bits is an overrun. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      if (++zeros > 31) {
        this.#at = 8 * this.#bytes.length + 1;
        return 0;
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** se(v), the same with a sign. */
  se(): number {
    const code = this.ue();
    return code % 2 === 1 ? (code + 1) / 2 : -(code / 2);
  }

  /** A copy of bits that were read, from a position to here, from the first bit of a byte on; zeros fill the last byte. */
  since(position: number): Uint8Array {
    const copy = new Uint8Array((this.#at - position + 7) >> 3);
    const source = new BitReader(this.#bytes);
    source.skip(position);
    for (let i = 0; i < this.#at - position; i++) copy[i >> 3]! |= source.bit() << (7 - (i & 7));
    return copy;
  }
}

/**
 * A NAL unit without its emulation prevention (ITU-T H.264 section 7.3.1), of which at most `most` bytes are looked at: headers
 * are at the beginning.
 */
export function unescaped(nal: Uint8Array, most = 4096): Uint8Array {
  const length = Math.min(nal.length, most);
  const plain = new Uint8Array(length);
  let zeros = 0;
  let end = 0;
  for (let i = 0; i < length; i++) {
    const byte = nal[i]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain[end++] = byte;
  }
  return plain.subarray(0, end);
}
