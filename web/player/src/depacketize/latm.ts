import type { AudioConfig, Depacketizer, Media, RtpPacket, Unit } from "../types.ts";
import { aacConfig, aacDuration } from "./aac.ts";
import { Assembly } from "./assembly.ts";
import { type AudioSpecificConfig, parseAudioSpecificConfig } from "./audio_specific_config.ts";
import { fromHex } from "./base64.ts";
import { BitReader } from "../bits.ts";

/** What a StreamMuxConfig says. */
interface StreamMux {
  asc: AudioSpecificConfig;
  description: Uint8Array;
  /** Frames of an element. */
  frames: number;
}

/** AAC as MP4A-LATM (RFC 6416) whose configuration is in the SDP (cpresent=0). */
export class LatmDepacketizer implements Depacketizer {
  readonly config: AudioConfig;
  readonly #duration: number;
  readonly #frames: number;
  readonly #element = new Assembly(1 << 20);
  /** Of the element that has begun; undefined if the packet before ended one. */
  #timestamp: number | undefined;
  /** Packets of the element are missing. */
  #damaged = false;
  /** Packets are missing in front of it, which may have been its own. */
  #unsure = false;

  private constructor(mux: StreamMux, clockRate: number) {
    this.config = aacConfig(mux.asc, mux.description);
    this.#duration = aacDuration(mux.asc, clockRate);
    this.#frames = mux.frames;
  }

  /** Undefined if the parameters do not describe AAC, or its configuration is in the packets. */
  static of(media: Media): LatmDepacketizer | undefined {
    const config = fromHex(media.parameters.get("config") ?? "");
    if (config === undefined || Number(media.parameters.get("cpresent") ?? 1) !== 0) return undefined;
    const mux = parseStreamMux(new BitReader(config));
    return mux && new LatmDepacketizer(mux, media.clockRate);
  }

  push(packet: RtpPacket, lost: boolean): Unit[] {
    if (this.#timestamp !== packet.timestamp) {
      this.#element.clear();
      this.#timestamp = packet.timestamp;
      this.#damaged = false;
      this.#unsure = lost;
    } else if (lost) {
      this.#damaged = true;
    }
    this.#element.append(packet.payload);
    if (!packet.marker) return [];
    this.#timestamp = undefined;
    if (this.#damaged || this.#element.overflowed) return [];
    return this.#cut(this.#element.view(), packet.timestamp);
  }

  /** Cuts an AudioMuxElement: each frame has its length in front, 255 meaning that the length goes on. */
  #cut(element: Uint8Array, timestamp: number): Unit[] {
    const units: Unit[] = [];
    let at = 0;
    for (let i = 0; i < this.#frames; i++) {
      let size = 0;
      while (element[at] === 0xff) size += element[at++]!;
      if (at >= element.length) return [];
      size += element[at++]!;
      if (at + size > element.length) return [];
      if (size > 0) {
        const data = element.slice(at, at + size);
        units.push({ data, timestamp: (timestamp + i * this.#duration) >>> 0, key: true, duration: this.#duration });
      }
      at += size;
    }
    // Other data may follow. The rest of an element whose beginning is lost hardly ever ends where its lengths say.
    return this.#unsure && at !== element.length ? [] : units;
  }
}

/** Parses a StreamMuxConfig (ISO/IEC 14496-3 section 1.7.3.1) of one layer; undefined if it is another. */
function parseStreamMux(r: BitReader): StreamMux | undefined {
  const version = r.bit();
  if (version === 1) {
    if (r.flag()) return undefined; // audioMuxVersionA
    readLatmValue(r); // taraBufferFullness
  }
  r.bit(); // allStreamsSameTimeFraming
  const frames = r.bits(6) + 1;
  if (r.bits(4) !== 0 || r.bits(3) !== 0) return undefined; // more than one program or layer
  if (version === 1) readLatmValue(r);
  const begin = r.position;
  const asc = parseAudioSpecificConfig(r);
  const description = r.since(begin);
  if (asc === undefined) return undefined;
  if (version === 0 && r.bits(3) !== 0) return undefined; // frames without their length
  return { asc, description, frames };
}

function readLatmValue(r: BitReader): number {
  return r.bits(8 * (r.bits(2) + 1));
}
