import type { Depacketizer, Media, RtpPacket, Unit, VideoConfig } from "../types.ts";
import { AccessUnits } from "./access_units.ts";
import { fromBase64 } from "./base64.ts";
import { H265Format } from "./h265_format.ts";

/** H.265 (RFC 7798): single NAL units, AP and FU. With decoding order numbers only what comes in decoding order. */
export class H265Depacketizer implements Depacketizer {
  readonly #units: AccessUnits;
  /** NAL units have decoding order numbers. */
  readonly #numbered: boolean;
  #order: number | undefined;

  constructor(media: Media) {
    const format = new H265Format();
    for (const name of ["sprop-vps", "sprop-sps", "sprop-pps"]) {
      for (const set of (media.parameters.get(name) ?? "").split(",")) {
        const nal = fromBase64(set);
        if (nal !== undefined) format.look(nal);
      }
    }
    this.#numbered = Number(media.parameters.get("sprop-max-don-diff") ?? 0) > 0;
    this.#units = new AccessUnits(format);
  }

  get config(): VideoConfig | undefined {
    return this.#units.config;
  }

  push(packet: RtpPacket, lost: boolean): Unit[] {
    if (lost) this.#order = undefined;
    return this.#units.push(packet, lost, (payload) => this.#read(payload));
  }

  #read(payload: Uint8Array): void {
    if (payload.length < 3 || payload[0]! >= 0x80) return this.#units.damage();
    const type = payload[0]! >> 1;
    if (type === 48) return this.#aggregate(payload.subarray(2));
    if (type === 49) return this.#fragment(payload);
    if (type > 49) return; // PACI and what is not known: receivers ignore them
    if (!this.#numbered) return this.#units.whole(payload);
    this.#inOrder(payload.subarray(2));
    this.#units.open(payload.subarray(0, 2), payload.subarray(4));
    this.#units.close();
  }

  #aggregate(rest: Uint8Array): void {
    for (let i = 0; rest.length > 0; i++) {
      if (this.#numbered) rest = this.#numberOf(i, rest);
      const size = ((rest[0] ?? 0) << 8) | (rest[1] ?? 0);
      if (size < 2 || rest.length < 2 + size) return this.#units.damage();
      this.#units.whole(rest.subarray(2, 2 + size));
      rest = rest.subarray(2 + size);
    }
  }

  /** Takes DONL of the first NAL unit of an AP or DOND of the next off, and returns what follows. */
  #numberOf(index: number, rest: Uint8Array): Uint8Array {
    if (index === 0) {
      this.#inOrder(rest);
      return rest.subarray(2);
    }
    this.#order = ((this.#order ?? 0) + rest[0]! + 1) & 0xffff;
    return rest.subarray(1);
  }

  #fragment(payload: Uint8Array): void {
    const flags = payload[2]!;
    const begins = (flags & 0x80) !== 0 || (this.#units.between && !this.#numbered);
    const numbered = this.#numbered && begins;
    const part = payload.subarray(numbered ? 5 : 3);
    if (part.length === 0) return this.#units.damage();
    if (numbered) this.#inOrder(payload.subarray(3));
    if (begins) this.#units.open([(payload[0]! & 0x81) | ((flags & 0x3f) << 1), payload[1]!], part);
    else this.#units.extend(part);
    if (flags & 0x40) this.#units.close();
  }

  /** A NAL unit out of decoding order is damage: the pictures come out as they come in. */
  #inOrder(number: Uint8Array): void {
    const order = ((number[0] ?? 0) << 8) | (number[1] ?? 0);
    if (this.#order !== undefined && ((order - this.#order) & 0xffff) >= 0x8000) this.#units.damage();
    this.#order = order;
  }
}
