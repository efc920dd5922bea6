import type { CodecConfig, Unit } from "../types.ts";
import { Appender } from "./appender.ts";
import { Edge, type Span } from "./edge.ts";
import { mediaSource } from "./support.ts";

export interface MseOptions {
  live: boolean;
  /** How many tracks it may be about. */
  tracks: number;
  /** ms, on the clock of due. */
  now(): number;
  /** Seconds of jitter that what is buffered has to be good for. */
  jitter(): number;
  shown(picture: { line: number; width: number; height: number }): void;
  /** The browser plays without sound only, until somebody has touched the page. */
  silenced(): void;
  failed(error: Error): void;
}

const live = 0.12; // seconds buffered ahead: a browser wants a few pictures
const liveSound = 0.2; // and more of sound
const stored = 0.25;
const patience = 400; // ms that a track may come later than the first
const rest = 10; // seconds of the element between what was before a seek and what is after it
const most = 512; // units that wait for the source

interface Track {
  waiting: { unit: Unit; line: number; config: CodecConfig }[];
  appender: Appender | undefined;
  clockRate: number;
}

/** Plays by Media Source Extensions, which pages without a secure context have as well. */
export class Mse {
  /** Also where there is only sound: it need not be in the page then. */
  readonly element = document.createElement("video");
  readonly #options: MseOptions;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #edge: Edge;
  readonly #tracks = new Map<number, Track>();
  /** Seconds of the element less those of the line. */
  #origin = rest;
  /** When the first unit came, in ms. */
  #since: number | undefined;
  #started = false;
  #paused = false;
  #closed = false;
  /** The element has to go to what follows begin. */
  #entering = true;
  #shown = -1;

  constructor(options: MseOptions) {
    this.#options = options;
    this.#edge = new Edge(options.live);
    this.element.disableRemotePlayback = true; // or iPhones do not let a page make media
    this.element.playsInline = true;
    this.#source = new (mediaSource()!)();
    this.#source.addEventListener("sourceopen", () => this.tick());
    this.#url = URL.createObjectURL(this.#source);
    this.element.src = this.#url;
    this.element.addEventListener("error", () => !this.#closed && options.failed(new Error(this.element.error?.message || "the browser cannot play this")));
    this.element.addEventListener("waiting", () => !this.#entering && !this.element.seeking && this.#edge.stumbled(options.now()));
    this.#watch();
  }

  /** The moment of the line that is played; undefined before. */
  get line(): number | undefined {
    return this.#entering ? undefined : this.element.currentTime - this.#origin;
  }

  /** Seconds that are buffered ahead. */
  get buffered(): number {
    const end = this.#spans().at(-1)?.end ?? 0;
    return Math.max(0, end - this.element.currentTime);
  }

  /** It plays, and is not on its way to where it should. */
  get settled(): boolean {
    return !this.#entering && !this.element.seeking && this.element.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  get dropped(): number {
    let sum = this.element.getVideoPlaybackQuality().droppedVideoFrames;
    for (const { appender } of this.#tracks.values()) sum += appender?.dropped ?? 0;
    return sum;
  }

  /** When a moment of the line is due, in ms. */
  due(line: number): number | undefined {
    const now = this.line;
    if (now === undefined || this.element.paused || this.element.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) return undefined;
    return this.#options.now() + ((line - now) * 1000) / (this.element.playbackRate || 1);
  }

  add(track: number, unit: Unit, line: number, config: CodecConfig, clockRate: number): void {
    if (this.#closed) return;
    this.#since ??= this.#options.now();
    let entry = this.#tracks.get(track);
    if (entry === undefined) {
      if (this.#started) return; // it is too late: a source takes no more tracks once it plays
      this.#tracks.set(track, (entry = { waiting: [], appender: undefined, clockRate }));
    }
    if (entry.appender) return entry.appender.add(unit, line + this.#origin, config);
    entry.waiting.push({ unit, line, config });
    if (entry.waiting.length > most) entry.waiting = []; // the source never opened
    this.tick();
  }

  /** What follows has nothing to do with what came before. */
  begin(): void {
    for (const track of this.#tracks.values()) {
      track.waiting = [];
      track.appender?.begin();
      this.#origin = Math.max(this.#origin, Math.ceil(track.appender?.end ?? 0) + rest);
    }
    this.#entering = true;
    this.#paused = false;
    this.tick();
  }

  pause(): void {
    this.#paused = true;
    this.element.pause();
  }

  resume(): void {
    this.#paused = false;
    this.tick();
  }

  /** Starts, steers and tidies up. The owner calls it a few times a second. */
  tick(): void {
    if (this.#closed) return;
    if (!this.#started) this.#start();
    if (!this.#started) return;
    this.#steer();
    for (const { appender } of this.#tracks.values()) appender?.trim(this.element.currentTime);
  }

  close(): void {
    this.#closed = true;
    for (const { appender } of this.#tracks.values()) appender?.close();
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
    URL.revokeObjectURL(this.#url);
  }

  /** All tracks are added before the first is begun: browsers take none later. One that does not come holds up nobody. */
  #start(): void {
    if (this.#source.readyState !== "open" || this.#since === undefined) return;
    const all = this.#tracks.size >= this.#options.tracks;
    if (!all && this.#options.now() - this.#since < patience) return;
    this.#started = true;
    for (const track of this.#tracks.values()) this.#open(track);
    for (const { waiting, appender } of this.#tracks.values()) {
      for (const { unit, line, config } of waiting.splice(0)) appender?.add(unit, line + this.#origin, config);
    }
  }

  #open(track: Track): void {
    const [first] = track.waiting;
    if (first === undefined) return;
    try {
      const { clockRate } = track;
      const { failed } = this.#options;
      track.appender = new Appender({ source: this.#source, config: first.config, clockRate, changed: () => this.tick(), failed });
    } catch (error) {
      this.#options.failed(error as Error);
    }
  }

  #steer(): void {
    const spans = this.#spans().filter(({ end }) => end > this.#origin - rest / 2);
    if (spans.length === 0 || this.#paused) return;
    const least = !this.#options.live ? stored : this.#tracks.size > 1 ? liveSound : live;
    const target = this.#options.jitter() + least;
    if (this.#entering) return this.#enter(spans, target);
    const { seek, rate } = this.#edge.move(this.element.currentTime, spans, target, this.#options.now());
    if (seek !== undefined && !this.element.seeking) this.element.currentTime = seek;
    if (this.element.playbackRate !== rate) this.element.playbackRate = rate;
    if (this.element.paused) this.#play();
  }

  /** Goes to what follows begin: to its newest if it is live, else to where it was asked to start. */
  #enter(spans: Span[], target: number): void {
    const { start, end } = spans.at(-1)!;
    if (!this.#options.live && end <= this.#origin) return; // what is needed to decode comes first
    const from = this.#options.live ? Math.max(start, end - target) : Math.max(start, this.#origin);
    this.#entering = false;
    this.element.currentTime = Math.min(from + 0.001, end);
    this.#play();
  }

  #play(): void {
    this.element.play().catch((error: Error) => {
      if (error.name !== "NotAllowedError" || this.element.muted || this.#closed) return;
      this.element.muted = true;
      this.#options.silenced();
      this.#play();
    });
  }

  /** What all tracks have. */
  #spans(): Span[] {
    let common: Span[] | undefined;
    for (const { appender } of this.#tracks.values()) {
      if (appender) common = common ? intersect(common, appender.spans) : appender.spans;
    }
    return common ?? [];
  }

  /** Tells of pictures; where a browser does not, the time that passes does. */
  #watch(): void {
    const { element } = this;
    const tell = (time: number) => {
      if (this.#entering || time === this.#shown) return;
      this.#shown = time;
      this.#options.shown({ line: time - this.#origin, width: element.videoWidth, height: element.videoHeight });
    };
    if (element.requestVideoFrameCallback === undefined) {
      element.addEventListener("timeupdate", () => element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && tell(element.currentTime));
      return;
    }
    const next: VideoFrameRequestCallback = (_now, { mediaTime }) => {
      if (this.#closed) return;
      tell(mediaTime);
      element.requestVideoFrameCallback(next);
    };
    element.requestVideoFrameCallback(next);
  }
}

/** What is in both. */
export function intersect(a: Span[], b: Span[]): Span[] {
  const both = a.flatMap((x) => b.map((y) => ({ start: Math.max(x.start, y.start), end: Math.min(x.end, y.end) })));
  return both.filter(({ start, end }) => start < end);
}
