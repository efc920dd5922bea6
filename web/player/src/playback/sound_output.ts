import type { AudioConfig, Unit } from "../types.ts";
import { SoundDecoding, type SoundDecoder } from "./audio_decoder.ts";
import type { Mse } from "./mse.ts";
import { PcmSound } from "./pcm.ts";
import { Speaker } from "./speaker.ts";
import { type AudioPath, audioPath } from "./support.ts";
import { Tap } from "./tap.ts";

export interface SoundOutputOptions {
  forceMse: boolean;
  context: AudioContext | undefined;
  volume: number;
  muted: boolean;
  due(line: number): number | undefined;
  now(): number;
  mse(): Mse;
  /** When the first picture is there: to start sound takes the browser long, and is not to hold up the picture. */
  after: Promise<unknown>;
  /** Whether the browser lets it sound. */
  sounds(yes: boolean): void;
  failed(error: Error): void;
}

const patience = 250; // ms that the first picture is waited for
const startTime = 500; // ms that a browser needs to start sound, where it lets a page
const most = 256; // units that wait until it is known how they are played

/** The way of one track to the ear: chosen when its configuration is known. */
export class SoundOutput {
  readonly #options: SoundOutputOptions;
  readonly #track: number;
  readonly #clockRate: number;
  #path: AudioPath | undefined;
  #choosing = false;
  #closed = false;
  #waiting: { unit: Unit; line: number; config: AudioConfig }[] = [];
  #speaker: Speaker | undefined;
  #decoder: SoundDecoder | undefined;
  #mse: Mse | undefined;
  #tap: Tap | undefined;
  #volume: number;
  #muted: boolean;

  constructor(track: number, clockRate: number, options: SoundOutputOptions) {
    this.#track = track;
    this.#clockRate = clockRate;
    this.#options = options;
    this.#volume = options.volume;
    this.#muted = options.muted;
  }

  get path(): AudioPath {
    return this.#path ?? "none";
  }

  /** By Web Audio; undefined without it. */
  get speaker(): Speaker | undefined {
    return this.#speaker;
  }

  /** What the sound goes through; undefined until there is any, and the browser allows it. */
  get nodes(): { gain: GainNode; analyser: AnalyserNode } | undefined {
    return this.#speaker ?? this.#tap?.nodes;
  }

  /** Whether somebody can hear it by Web Audio. */
  get heard(): boolean {
    return this.#speaker !== undefined && this.#speaker.running && !this.#muted;
  }

  get volume(): number {
    return this.#volume;
  }

  /** 0 to 1. */
  set volume(volume: number) {
    this.#volume = Math.min(Math.max(volume, 0), 1);
    this.#adjust();
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(muted: boolean) {
    this.#muted = muted;
    this.#adjust();
    if (!muted) this.#speaker?.resume();
  }

  unit(unit: Unit, line: number, config: AudioConfig): void {
    try {
      this.#play(unit, line, config);
    } catch (error) {
      // Sound that Web Audio has no rate or channels for.
      this.#fail(error as Error);
    }
  }

  begin(): void {
    this.#waiting = [];
    this.#decoder?.begin();
    this.#speaker?.begin();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#decoder?.close();
    this.#speaker?.close();
    this.#tap?.close();
  }

  #play(unit: Unit, line: number, config: AudioConfig): void {
    if (this.#mse) return this.#mse.add(this.#track, unit, line, config, this.#clockRate);
    if (this.#decoder) return this.#decoder.decode(unit, line, config);
    if (this.#path === "none") return;
    this.#waiting.push({ unit, line, config });
    if (this.#waiting.length > most) this.#waiting.shift();
    if (!this.#choosing) void this.#choose(config);
  }

  async #choose(config: AudioConfig): Promise<void> {
    this.#choosing = true;
    const path = await audioPath(config, this.#options.forceMse);
    if (path !== "mse") await Promise.race([this.#options.after, new Promise((done) => setTimeout(done, patience))]);
    this.#choosing = false;
    if (this.#closed) return;
    try {
      this.#take(path, config);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #take(path: AudioPath, config: AudioConfig): void {
    this.#path = path;
    if (path === "none") return this.#options.failed(new Error(`this browser cannot play ${config.codec}`));
    if (path === "mse") this.#playBy(this.#options.mse());
    else this.#decoder = this.#open(path, config);
    this.#adjust();
    for (const { unit, line, config } of this.#waiting.splice(0)) this.unit(unit, line, config);
  }

  #playBy(mse: Mse): void {
    this.#mse = mse;
    if ("AudioContext" in globalThis) this.#tap = new Tap(mse.element, this.#options.context);
  }

  #open(path: "webcodecs" | "pcm", config: AudioConfig): SoundDecoder {
    const { context, due, now, sounds } = this.#options;
    const speaker = (this.#speaker = new Speaker({ sampleRate: config.sampleRate, context, due, now }));
    speaker.context.addEventListener("statechange", () => !this.#closed && sounds(speaker.running));
    speaker.resume();
    setTimeout(() => !this.#closed && !speaker.running && sounds(false), startTime);
    return path === "pcm" ? new PcmSound(speaker) : new SoundDecoding(speaker, (error) => this.#fail(error));
  }

  #fail(error: Error): void {
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#path = "none";
    this.#waiting = [];
    this.#options.failed(error);
  }

  #adjust(): void {
    if (this.#speaker) this.#speaker.gain.gain.value = this.#muted ? 0 : this.#volume;
    if (!this.#mse) return;
    this.#mse.element.volume = this.#volume;
    this.#mse.element.muted = this.#muted;
  }
}
