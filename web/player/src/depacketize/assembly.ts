/** The largest unit, in bytes. Pictures of 8K at the best quality are smaller. */
export const maxUnit = 8 << 20;

/** Bytes that are put together from packets: a buffer that grows to a limit, and then says so. */
export class Assembly {
  #bytes = new Uint8Array(4096);
  #length = 0;
  #overflowed = false;
  readonly #limit: number;

  constructor(limit: number = maxUnit) {
    this.#limit = limit;
  }

  get length(): number {
    return this.#length;
  }

  /** Something did not fit since the last clear: what is here is not whole. */
  get overflowed(): boolean {
    return this.#overflowed;
  }

  /** Copies part to the end. */
  append(part: ArrayLike<number>): void {
    const end = this.#length + part.length;
    if (this.#overflowed || end > this.#limit) {
      this.#overflowed = true;
      return;
    }
    if (end > this.#bytes.length) this.#grow(end);
    this.#bytes.set(part, this.#length);
    this.#length = end;
  }

  /** Drops everything from a length on. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  /** Writes 32 bits, big endian, over what is at an offset. */
  patch32(offset: number, value: number): void {
    if (offset + 4 > this.#length) return;
    new DataView(this.#bytes.buffer).setUint32(offset, value);
  }

  /** What is here from an offset on, until the next change. */
  view(from = 0): Uint8Array {
    return this.#bytes.subarray(from, this.#length);
  }

  /** A copy of all. */
  copy(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#overflowed = false;
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(least, 2 * this.#bytes.length)));
    larger.set(this.view());
    this.#bytes = larger;
  }
}

/** One piece of memory of several. */
export function joined(...parts: ArrayLike<number>[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
