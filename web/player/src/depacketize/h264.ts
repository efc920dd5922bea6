import type { Depacketizer, Media, RtpPacket, Unit, VideoConfig } from "../types.ts";
import { AccessUnits } from "./access_units.ts";
import { fromBase64 } from "./base64.ts";
import { H264Format } from "./h264_format.ts";

/** H.264 (RFC 6184): single NAL units, STAP and FU. Of the interleaved mode only what comes in decoding order. */
export class H264Depacketizer implements Depacketizer {
  readonly #units: AccessUnits;
  /** The decoding order number of the NAL unit before, in the interleaved mode. */
  #order: number | undefined;

  constructor(media: Media) {
    const format = new H264Format();
    for (const set of (media.parameters.get("sprop-parameter-sets") ?? "").split(",")) {
      const nal = fromBase64(set);
      if (nal !== undefined) format.look(nal);
    }
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
    const type = (payload[0] ?? 0) & 0x1f;
    if (payload.length < 2 || payload[0]! >= 0x80) return this.#units.damage();
    switch (type) {
      case 24: // STAP-A
        return this.#aggregate(payload.subarray(1));
      case 25: // STAP-B
        this.#inOrder(payload.subarray(1));
        return this.#aggregate(payload.subarray(3), true);
      case 26: // MTAP16 and MTAP24 are there to change the order of NAL units
      case 27:
        return this.#units.damage();
      case 28: // FU-A
        return this.#fragment(payload, 2);
      case 29: // FU-B
        this.#inOrder(payload.subarray(2));
        return this.#fragment(payload, 4);
      case 0: // reserved: receivers ignore them
      case 30:
      case 31:
        return;
      default:
        this.#units.whole(payload);
    }
  }

  #aggregate(rest: Uint8Array, counted = false): void {
    for (let i = 0; rest.length > 0; i++) {
      const size = (rest[0]! << 8) | (rest[1] ?? 0);
      if (size === 0 || rest.length < 2 + size) return this.#units.damage();
      if (counted && i > 0) this.#order = (this.#order! + 1) & 0xffff;
      this.#units.whole(rest.subarray(2, 2 + size));
      rest = rest.subarray(2 + size);
    }
  }

  #fragment(payload: Uint8Array, header: number): void {
    if (payload.length <= header) return this.#units.damage();
    const [indicator, flags] = [payload[0]!, payload[1]!];
    const part = payload.subarray(header);
    if (flags & 0x80 || this.#units.between) this.#units.open([(indicator & 0xe0) | (flags & 0x1f)], part);
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
