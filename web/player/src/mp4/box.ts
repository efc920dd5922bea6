import { ByteWriter } from "../bytes.ts";

/** Writes the boxes of ISO/IEC 14496-12, each inside the one that is being filled. */
export class BoxWriter extends ByteWriter {
  /** A box: its size is written when fill has returned. */
  box(type: string, fill: () => void): void {
    const start = this.length;
    this.u32(0);
    this.ascii(type);
    fill();
    this.patch32(start, this.length - start);
  }

  /** A box that begins with a version and flags of 24 bits. */
  full(type: string, version: number, flags: number, fill: () => void): void {
    this.box(type, () => {
      this.u8(version);
      this.u24(flags);
      fill();
    });
  }
}
