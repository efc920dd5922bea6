import { depacketizerOf } from "../depacketize/index.ts";
import type { CodecConfig, Depacketizer, Media, Unit } from "../types.ts";
import { Reception } from "./reception.ts";
import { parseRtp } from "./rtp.ts";
import { Unwrapper } from "./unwrap.ts";

/** Where a track starts after PLAY, as RTP-Info says. */
export interface TrackStart {
  track: number;
  rtptime?: number | undefined;
  seq?: number | undefined;
}

/** A unit with the time of its track in seconds, and how to decode it. */
export interface TimedUnit {
  unit: Unit;
  seconds: number;
  config: CodecConfig;
}

const furthest = 60; // seconds between what RTP-Info says and the first packet: beyond it is not believed
const stale = 500; // packets that may come late from what was played before

/** One track on its way from packets to units that have a time. */
export class Track {
  readonly media: Media;
  readonly reception: Reception;
  #depacketizer: Depacketizer | undefined;
  #unwrapper = new Unwrapper();
  #start: TrackStart | undefined;
  /** Nothing came since begin. */
  #fresh = true;

  constructor(media: Media) {
    this.media = media;
    this.reception = new Reception(media.clockRate);
    this.#depacketizer = depacketizerOf(media);
  }

  /** Whether the format is known. */
  get known(): boolean {
    return this.#depacketizer !== undefined;
  }

  /** What follows starts where RTP-Info says, if it does. */
  begin(start: TrackStart | undefined): void {
    this.#start = start;
    this.#fresh = true;
    this.#unwrapper = new Unwrapper(start?.rtptime);
    this.#depacketizer = depacketizerOf(this.media);
    this.reception.begin();
  }

  /** Takes a packet, and returns what became complete. */
  packet(data: Uint8Array, at: number): TimedUnit[] {
    const packet = parseRtp(data);
    if (packet === undefined || packet.payloadType !== this.media.payloadType) return [];
    if (this.#fresh && !this.#opens(packet.sequence, packet.timestamp)) return [];
    const arrival = this.reception.packet(packet, at);
    if (arrival === "old") return [];
    const lost = arrival !== "next";
    const units = this.#depacketizer?.push(packet, lost) ?? [];
    const config = this.#depacketizer?.config;
    if (config === undefined) return [];
    return units.map((unit) => ({ unit, seconds: this.#unwrapper.unwrap(unit.timestamp) / this.media.clockRate, config }));
  }

  /** The seconds of a timestamp that a sender report names; undefined before the first unit. */
  seconds(timestamp: number): number | undefined {
    const ticks = this.#unwrapper.peek(timestamp);
    return ticks === undefined || this.#fresh ? undefined : ticks / this.media.clockRate;
  }

  /** Reports whether a packet is of what was begun, and not left over from before. */
  #opens(sequence: number, timestamp: number): boolean {
    const { seq, rtptime } = this.#start ?? {};
    if (seq !== undefined) {
      const ahead = ((sequence - seq) << 16) >> 16;
      if (ahead < 0 && ahead >= -stale) return false;
    }
    const far = rtptime !== undefined && Math.abs((timestamp - rtptime) | 0) > furthest * this.media.clockRate;
    if (far) this.#unwrapper = new Unwrapper(timestamp);
    this.#fresh = false;
    return true;
  }
}
