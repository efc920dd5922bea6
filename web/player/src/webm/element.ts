import { ByteWriter } from "../bytes.ts";

/** Writes the elements of EBML (RFC 8794), each inside the one that is being filled. An ID has its marker bits: 0x1a45dfa3. */
export class ElementWriter extends ByteWriter {
  /** An element of others. Its size has four bytes, so that it can be written when fill has returned. */
  master(id: number, fill: () => void): void {
    this.#id(id);
    const at = this.length;
    this.u32(0);
    fill();
    this.patch32(at, 0x10000000 | (this.length - at - 4));
  }

  /** An element that lasts until the file ends. */
  endless(id: number): void {
    this.#id(id);
    this.u8(0x01);
    this.u24(0xffffff);
    this.u32(0xffffffff);
  }

  /** A whole number from 0 to 2^53, in as few bytes as it needs. */
  uint(id: number, value: number): void {
    const digits: number[] = [];
    for (let rest = value; rest >= 1 || digits.length === 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
    this.binary(id, digits);
  }

  float(id: number, value: number): void {
    this.#id(id);
    this.u8(0x88);
    this.f64(value);
  }

  text(id: number, value: string): void {
    this.master(id, () => this.ascii(value));
  }

  binary(id: number, value: ArrayLike<number>): void {
    this.master(id, () => this.bytes(value));
  }

  #id(id: number): void {
    if (id > 0xffffff) this.u32(id);
    else if (id > 0xffff) this.u24(id);
    else if (id > 0xff) this.u16(id);
    else this.u8(id);
  }
}
