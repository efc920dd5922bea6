import type { Depacketizer, Media, RtpPacket, Unit, VideoConfig } from "../types.ts";
import { Pictures } from "./pictures.ts";
import { parseVp9Descriptor } from "./vp9_descriptor.ts";
import { parseVp9Header, vp9Codec, type Vp9Header } from "./vp9_header.ts";

/** VP9 (RFC 9628). The layer frames of a picture come out together, as a superframe. */
export class Vp9Depacketizer implements Depacketizer {
  readonly #pictures = new Pictures();
  /** Where the layer frames of the picture begin. */
  #frames: number[] = [];
  /** The newest frame is not at its end. */
  #inside = false;
  #header: Vp9Header | undefined;
  /** The size of the highest layer, if the descriptor says it. */
  #size: { width: number; height: number } | undefined;
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
    const descriptor = parseVp9Descriptor(payload);
    if (descriptor === undefined || descriptor.begins === this.#inside) return this.#pictures.damage();
    const part = payload.subarray(descriptor.length);
    if (descriptor.begins) this.#begin(part, descriptor.layer);
    if (descriptor.size !== undefined) this.#size = descriptor.size;
    this.#pictures.data.append(part);
    this.#inside = !descriptor.ends;
  }

  #begin(part: Uint8Array, layer: number): void {
    if (this.#frames.length === 0) {
      // A layer above the base is not where a picture begins, unless nothing was lost: a sender may leave layers out.
      if (layer === 0) this.#pictures.started();
      this.#header = parseVp9Header(part);
      this.#pictures.key = this.#header !== undefined;
      this.#size = undefined;
    }
    if (this.#frames.length === 8) return this.#pictures.damage();
    this.#frames.push(this.#pictures.data.length);
  }

  #end(): Unit[] {
    if (this.#inside) this.#pictures.damage();
    this.#pictures.data.append(superframeIndex(this.#frames, this.#pictures.data.length));
    const config = this.#pictures.key ? this.#configuration(this.#header!) : this.#config;
    this.#frames = [];
    this.#inside = false;
    const unit = this.#pictures.end(config !== undefined);
    if (unit === undefined) return [];
    if (unit.key) this.#config = config;
    return [unit];
  }

  #configuration(header: Vp9Header): VideoConfig {
    const { width, height } = this.#size ?? header;
    const codec = vp9Codec(header, width * height);
    const now = this.#config;
    if (now?.codec === codec && now.width === width && now.height === height) return now;
    return { kind: "video", format: "vp9", codec, width, height };
  }
}

/** What says where the frames of a superframe begin (VP9 annex B); nothing for a single frame. */
function superframeIndex(frames: number[], end: number): number[] {
  if (frames.length < 2) return [];
  const marker = 0xc0 | (3 << 3) | (frames.length - 1); // four bytes a size
  const sizes = frames.flatMap((begin, i) => {
    const size = (frames[i + 1] ?? end) - begin;
    return [size & 0xff, (size >> 8) & 0xff, (size >> 16) & 0xff, size >>> 24];
  });
  return [marker, ...sizes, marker];
}
