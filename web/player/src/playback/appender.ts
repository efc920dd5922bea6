import { reorderDepth } from "../mp4/depth.ts";
import { initSegment as mp4Init } from "../mp4/init.ts";
import { Order } from "../mp4/order.ts";
import { mediaSegment as mp4Segment, type Sample } from "../mp4/segment.ts";
import type { CodecConfig, Unit } from "../types.ts";
import { initSegment as webmInit } from "../webm/init.ts";
import { mediaSegment as webmSegment } from "../webm/segment.ts";
import type { Span } from "./edge.ts";
import { mseType } from "./support.ts";

export interface AppenderOptions {
  source: MediaSource;
  config: CodecConfig;
  /** Ticks a second of the times given. */
  clockRate: number;
  /** What is buffered has changed. */
  changed(): void;
  failed(error: Error): void;
}

const most = 2048; // units that wait to be appended
const kept = 10; // seconds before the time that is played
const trimmed = 20; // seconds before it from where older ones are removed
const keptFull = 1; // seconds before it when the buffer is full

/** Puts the units of one track into a SourceBuffer: what has come goes in as one segment, as soon as the one before is in. */
export class Appender {
  readonly #options: AppenderOptions;
  readonly #buffer: SourceBuffer;
  #order: Order;
  /** The configuration of what is appended; undefined until the first. */
  #appended: CodecConfig | undefined;
  #waiting: { sample: Sample; config: CodecConfig }[] = [];
  #sequence = 0;
  #skipping = false;
  /** Remove what is before, as soon as the buffer takes orders. */
  #before = 0;
  #full = false;
  #closed = false;
  /** The end of the newest unit, in seconds. */
  end = 0;
  dropped = 0;

  /** @throws DOMException when the source cannot take another track */
  constructor(options: AppenderOptions) {
    this.#options = options;
    this.#buffer = options.source.addSourceBuffer(mseType(options.config));
    this.#order = this.#newOrder(options.config);
    this.#buffer.addEventListener("updateend", () => {
      options.changed();
      this.#pump();
    });
    this.#buffer.addEventListener("error", () => options.failed(new Error(`the browser does not take ${mseType(options.config)}`)));
  }

  get spans(): Span[] {
    const ranges = this.#closed ? undefined : this.#buffer.buffered;
    return Array.from({ length: ranges?.length ?? 0 }, (_, i) => ({ start: ranges!.start(i), end: ranges!.end(i) }));
  }

  /** Takes a unit that is shown at seconds of the element. */
  add(unit: Unit, time: number, config: CodecConfig): void {
    if (unit.key) this.#skipping = false;
    if (this.#waiting.length >= most) this.#skipping = true;
    if (this.#skipping || time < 0) return void this.dropped++;
    const sample = this.#order.sample(unit, Math.round(time * this.#options.clockRate));
    this.end = Math.max(this.end, time + sample.duration / this.#options.clockRate);
    this.#waiting.push({ sample, config });
    this.#pump();
  }

  /** What waits is forgotten. The next unit is key, and of another time. */
  begin(): void {
    this.#waiting = [];
    this.#skipping = false;
    this.#order = this.#newOrder(this.#appended ?? this.#options.config);
  }

  /** Removes what is long before the time that is played. */
  trim(time: number): void {
    const [first] = this.spans;
    const [from, to] = this.#full ? [keptFull, keptFull] : [trimmed, kept];
    if (first === undefined || first.start >= time - from) return;
    this.#before = time - to;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
  }

  #newOrder(config: CodecConfig): Order {
    return new Order(this.#options.clockRate, reorderDepth(config));
  }

  #pump(): void {
    if (this.#closed || this.#buffer.updating || this.#options.source.readyState !== "open") return;
    try {
      if (this.#before > 0) this.#remove();
      else if (this.#waiting.length > 0 && !this.#full) this.#append();
    } catch (error) {
      this.#refused(error as Error);
    }
  }

  #remove(): void {
    const before = this.#before;
    this.#before = 0;
    this.#full = false;
    this.#buffer.remove(0, before);
  }

  #append(): void {
    const { config } = this.#waiting[0]!;
    if (config !== this.#appended) return this.#configure(config);
    const until = this.#waiting.findIndex((next) => next.config !== config);
    const samples = this.#waiting.slice(0, until < 0 ? undefined : until).map(({ sample }) => sample);
    const segment = config.format === "vp8" ? webmSegment(samples, this.#options.clockRate) : mp4Segment(++this.#sequence, samples);
    this.#buffer.appendBuffer(segment);
    this.#waiting.splice(0, samples.length);
  }

  #configure(config: CodecConfig): void {
    if (this.#appended && mseType(this.#appended) !== mseType(config)) this.#buffer.changeType(mseType(config));
    this.#buffer.appendBuffer(config.format === "vp8" ? webmInit(config) : mp4Init(config, this.#options.clockRate));
    this.#appended = config;
  }

  #refused(error: Error): void {
    // A buffer that is full takes more when what is old has been removed.
    if (error.name === "QuotaExceededError") {
      this.#full = true;
      this.#options.changed();
      return;
    }
    this.dropped += this.#waiting.length;
    this.#waiting = [];
    this.#options.failed(error);
  }
}
