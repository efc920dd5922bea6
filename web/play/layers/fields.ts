/** A field of a header: where it is, how wide, and what it says. */
export interface Field {
  name: string;
  /** From the first bit of the packet. */
  bit: number;
  bits: number;
  value: string;
}

/** A group of fields that belong together, such as one packet of a compound. */
export interface Part {
  name: string;
  fields: Field[];
}

/** Reads big-endian fields one after the other. What is beyond the end is left out. */
export class Fields {
  readonly list: Field[] = [];
  #bytes: Uint8Array;
  #bit: number;

  constructor(bytes: Uint8Array, byte = 0) {
    this.#bytes = bytes;
    this.#bit = 8 * byte;
  }

  get byte(): number {
    return this.#bit >> 3;
  }

  /** Takes the next bits as a number, and says it as text says; -1 when they are not there. */
  take(name: string, bits: number, say: (n: number) => string = String): number {
    if (this.#bit + bits > 8 * this.#bytes.length) return -1;
    let n = 0;
    for (let i = 0; i < bits; i++) {
      const at = this.#bit + i;
      n = 2 * n + ((this.#bytes[at >> 3]! >> (7 - (at & 7))) & 1);
    }
    this.list.push({ name, bit: this.#bit, bits, value: say(n) });
    this.#bit += bits;
    return n;
  }

  /** Takes bytes that are no number. */
  bytes(name: string, count: number, say: (b: Uint8Array) => string): void {
    const from = this.byte;
    const b = this.#bytes.subarray(from, from + count);
    if (b.length < count) return;
    this.list.push({ name, bit: this.#bit, bits: 8 * count, value: say(b) });
    this.#bit += 8 * count;
  }
}

export const hex = (n: number): string => `0x${n.toString(16).padStart(8, "0")}`;
