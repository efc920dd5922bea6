import type { RtpPacket, Unit, VideoConfig } from "../types.ts";
import { joined } from "./assembly.ts";
import type { ParameterSets } from "./parameter_sets.ts";
import { Pictures } from "./pictures.ts";

/** What a NAL unit says about its picture. */
export type Nal =
  | { is: "slice"; first: boolean; key: boolean; open: boolean; disposable: boolean }
  /** The picture can be decoded without what was before it, in time. */
  | { is: "recovery" }
  /** It was kept, and does not go into the picture. */
  | { is: "parameters" }
  | { is: "other" }
  | { is: "damaged" };

/** What H.264 and H.265 do differently. */
export interface NalFormat {
  readonly sets: ParameterSets;
  /** What a whole NAL unit is. Parameter sets are kept. */
  look(nal: Uint8Array): Nal;
  /** The configuration of the sets there are; undefined while some are missing. */
  configure(): VideoConfig | undefined;
}

/** Puts NAL units together to access units, for H.264 and H.265: whole NAL units and fragments, parameter sets in band. */
export class AccessUnits {
  readonly #format: NalFormat;
  readonly #pictures = new Pictures();
  #config: VideoConfig | undefined;
  /** Where the NAL unit that is not at its end begins. */
  #fragment: number | undefined;
  /** Something is missing or made no sense, and no NAL unit has ended since: what comes may be the rest of one. */
  #torn = true;
  #slices = 0;
  #recovery = false;

  constructor(format: NalFormat) {
    this.#format = format;
    this.#configure();
  }

  get config(): VideoConfig | undefined {
    return this.#config;
  }

  /** Takes a packet. `read` takes its payload apart, and calls whole, open, extend, close and damage. */
  push(packet: RtpPacket, lost: boolean, read: (payload: Uint8Array) => void): Unit[] {
    const units: Unit[] = [];
    if (lost) this.#lose(packet.timestamp);
    if (this.#pictures.endsBefore(packet.timestamp)) units.push(...this.#end());
    this.#pictures.begin(packet.timestamp);
    read(packet.payload);
    // Cameras set the marker on parameter sets, too: no picture ends before it has a slice.
    if (packet.marker && this.#hasPicture) units.push(...this.#end());
    return units;
  }

  /** Whether a fragment that does not say that it begins a NAL unit has to: cameras leave that out (Uniview). */
  get between(): boolean {
    return this.#fragment === undefined && !this.#torn;
  }

  /** Adds a NAL unit. */
  whole(nal: Uint8Array): void {
    if (nal.length === 0) return this.damage();
    this.open(nal);
    this.close();
  }

  /** Adds the first part of a NAL unit. */
  open(...parts: ArrayLike<number>[]): void {
    if (this.#fragment !== undefined) this.damage();
    this.#fragment = this.#pictures.data.length;
    this.#pictures.data.append([0, 0, 0, 0]);
    for (const part of parts) this.#pictures.data.append(part);
  }

  /** Adds the next part. It is damage if there is no first. */
  extend(part: Uint8Array): void {
    if (this.#fragment === undefined) return this.damage();
    this.#pictures.data.append(part);
  }

  /** The NAL unit is all here. */
  close(): void {
    const begin = this.#fragment;
    this.#fragment = undefined;
    this.#torn = false;
    if (begin === undefined || this.#pictures.data.overflowed) return;
    const nal = this.#pictures.data.view(begin + 4);
    this.#pictures.data.patch32(begin, nal.length);
    this.#take(this.#format.look(nal), begin);
  }

  /** Something of the picture is missing or makes no sense. */
  damage(): void {
    this.#torn = true;
    this.#dropFragment();
    this.#pictures.damage();
  }

  get #hasPicture(): boolean {
    return this.#slices > 0 || this.#fragment !== undefined;
  }

  #lose(timestamp: number): void {
    this.#torn = true;
    this.#dropFragment();
    this.#pictures.lose(timestamp);
  }

  #dropFragment(): void {
    if (this.#fragment !== undefined) this.#pictures.data.cut(this.#fragment);
    this.#fragment = undefined;
  }

  #take(nal: Nal, begin: number): void {
    switch (nal.is) {
      case "slice":
        this.#slice(nal);
        break;
      case "recovery":
        this.#recovery = true;
        break;
      case "parameters":
        this.#pictures.data.cut(begin);
        break;
      case "damaged":
        this.#pictures.data.cut(begin);
        this.damage();
    }
  }

  #slice(slice: Nal & { is: "slice" }): void {
    if (this.#slices++ > 0) return;
    if (slice.first) this.#pictures.started();
    this.#pictures.key = slice.key || this.#recovery;
    this.#pictures.open = slice.open || !slice.key;
    this.#pictures.disposable = slice.disposable;
  }

  #end(): Unit[] {
    if (this.#fragment !== undefined) this.damage();
    const unit = this.#slices > 0 ? this.#finish() : undefined;
    if (this.#slices === 0) this.#pictures.forget();
    this.#slices = 0;
    this.#recovery = false;
    return unit === undefined ? [] : [unit];
  }

  #finish(): Unit | undefined {
    const key = this.#pictures.key;
    const unit = this.#pictures.end(this.#config !== undefined || (key && this.#format.configure() !== undefined));
    if (unit === undefined || !this.#format.sets.changed) return unit;
    if (key && this.#configure()) return unit;
    // New settings would have the decoder begin again, which it can at a key picture only: here they go along.
    return { ...unit, data: joined(this.#format.sets.takeUntold(), unit.data) };
  }

  #configure(): boolean {
    const config = this.#format.configure();
    if (config === undefined) return false;
    this.#config = config;
    this.#format.sets.told();
    return true;
  }
}
