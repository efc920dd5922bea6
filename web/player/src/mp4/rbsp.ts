/** Reads the bits of a NAL unit, without its emulation prevention. Behind the end it reads zeros, and says so. */
export class RbspReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Header is the length of the NAL unit's header in bytes. */
  constructor(nal: Uint8Array, header: number) {
    this.#bytes = withoutPrevention(nal.subarray(header));
  }

  /** More was read than there is: what was read last is not true. */
  get exhausted(): boolean {
    return this.#at > 8 * this.#bytes.length;
  }

  skip(count: number): void {
    this.#at += count;
  }

  bit(): number {
    const byte = this.#bytes[this.#at >> 3] ?? 0;
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }

  /** At most 31 bits. */
  bits(count: number): number {
    let value = 0;
    while (count-- > 0) value = (value << 1) | this.bit();
    return value;
  }

  /** An unsigned Exp-Golomb code, ITU-T H.264 section 9.1. */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && this.bit() === 0) zeros++;
    return 2 ** zeros - 1 + (zeros < 32 ? this.bits(zeros) : 0);
  }

  /** A signed one, section 9.1.1. */
  se(): number {
    const code = this.ue();
    return code % 2 ? (code + 1) / 2 : -code / 2;
  }
}

/** Leaves out the 3 of each 0 0 3. */
function withoutPrevention(bytes: Uint8Array): Uint8Array {
  let zeros = 0;
  return bytes.filter((byte) => {
    const prevents = zeros >= 2 && byte === 3;
    zeros = byte === 0 ? zeros + 1 : 0;
    return !prevents;
  });
}
