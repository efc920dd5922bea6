import type { Depacketizer, Media, RtpPacket, Unit, VideoConfig } from "../types.ts";
import { Pictures } from "./pictures.ts";

/** VP8 (RFC 7741). */
export class Vp8Depacketizer implements Depacketizer {
  readonly #pictures = new Pictures();
  #config: VideoConfig | undefined;

  constructor(_media: Media) {}

  get config(): VideoConfig | undefined {
    return this.#config;
  }

  push(packet: RtpPacket, lost: boolean): Unit[] {
    const units: Unit[] = [];
    if (lost) this.#pictures.lose(packet.timestamp);
    if (this.#pictures.endsBefore(packet.timestamp)) units.push(...this.#end());
    this.#pictures.begin(packet.timestamp);
    this.#read(packet.payload);
    if (packet.marker) units.push(...this.#end());
    return units;
  }

  #read(payload: Uint8Array): void {
    const size = descriptorSize(payload);
    if (size >= payload.length) return this.#pictures.damage();
    const frame = payload.subarray(size);
    if (this.#pictures.data.length === 0) {
      // S, and partition 0: the frame begins here.
      if ((payload[0]! & 0x17) !== 0x10) this.#pictures.damage();
      this.#pictures.started();
      this.#pictures.disposable = (payload[0]! & 0x20) !== 0;
      this.#pictures.key = (frame[0]! & 1) === 0;
    }
    this.#pictures.data.append(frame);
  }

  #end(): Unit[] {
    const config = this.#pictures.key ? this.#configuration() : this.#config;
    if (this.#pictures.key && config === undefined) this.#pictures.damage();
    const unit = this.#pictures.end(config !== undefined);
    if (unit === undefined) return [];
    if (unit.key) this.#config = config;
    return [unit];
  }

  /** The configuration of a key frame (RFC 6386 section 9.1); undefined if it is none. */
  #configuration(): VideoConfig | undefined {
    const b = this.#pictures.data.view();
    if (b.length < 10 || b[3] !== 0x9d || b[4] !== 0x01 || b[5] !== 0x2a) return undefined;
    const width = ((b[7]! << 8) | b[6]!) & 0x3fff;
    const height = ((b[9]! << 8) | b[8]!) & 0x3fff;
    if (width === 0 || height === 0) return undefined;
    if (this.#config?.width === width && this.#config.height === height) return this.#config;
    return { kind: "video", format: "vp8", codec: "vp8", width, height };
  }
}

/**
 * How long the payload descriptor is (RFC 7741 section 4.2):
 *
 *     |X|R|N|S|R| PID |
 *     |I|L|T|K| RSV   |  if X
 *     |M| PictureID   |  if I, 16 bits if M
 *     | TL0PICIDX     |  if L
 *     |TID|Y| KEYIDX  |  if T or K
 */
function descriptorSize(payload: Uint8Array): number {
  const extended = ((payload[0] ?? 0) & 0x80) !== 0;
  if (!extended) return 1;
  const flags = payload[1] ?? 0;
  let size = 2;
  if (flags & 0x80) size += (payload[2] ?? 0) & 0x80 ? 2 : 1;
  if (flags & 0x40) size++;
  if (flags & 0x30) size++;
  return size;
}
