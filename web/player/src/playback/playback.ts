import { Emitter } from "../emitter.ts";
import { parseRtcp, receiverReport, type SenderReport } from "../rtsp/rtcp.ts";
import type { AudioConfig, Media, VideoConfig } from "../types.ts";
import { Held } from "./held.ts";
import { Pace } from "./pace.ts";
import { Mse } from "./mse.ts";
import { PictureOutput, type Shown } from "./picture_output.ts";
import { SoundOutput } from "./sound_output.ts";
import { Bitrate, type PlaybackStats } from "./stats.ts";
import { Sync } from "./sync.ts";
import { type TimedUnit, Track, type TrackStart } from "./track.ts";

export interface PlaybackOptions {
  /** The tracks, in the order of their numbers. Of pictures and of sound the first that is known is played. */
  media: Media[];
  /** Live media are shown as soon as can be; others smoothly. */
  live: boolean;
  /** Do without WebCodecs, as a page without a secure context has to. */
  forceMse?: boolean;
  /** One of the page, which is not closed; without it one is made where there is sound. */
  audioContext?: AudioContext;
  /** 0 to 1, 1 if it is not given. */
  volume?: number;
  muted?: boolean;
}

export type PlaybackEvents = {
  /** The picture has another size, in pixels. */
  size: { width: number; height: number };
  /** The first picture since begin is to be seen: ms since begin. */
  firstpicture: number;
  /** Something cannot be shown or played. The rest goes on. */
  error: Error;
  /** Nothing came for a second. */
  stalled: void;
  /** Seconds of the presentation, up to ten times a second. */
  position: number;
  /** The browser does not let it sound until somebody has touched the page (true), or does now (false). */
  silenced: boolean;
};

const often = 100; // ms between positions that are told
const beat = 100; // ms
const patience = 1000; // ms without packets
const prerollTime = 300; // ms in which what is before the start comes at once, or it is no preroll
const preroll = 0.05; // seconds before the start
const plausible = 30; // seconds of latency

/**
 * Shows and plays packets of RTP. Calls of packet before the first begin are kept, up to a bound, until RTP-Info is known: a server
 * sends packets right behind its answer to PLAY.
 */
export class Playback extends Emitter<PlaybackEvents> {
  /** Has the picture inside, as a canvas or a video that fills it; object-fit is passed on. */
  readonly element: HTMLElement;
  readonly #options: PlaybackOptions;
  readonly #tracks: Track[];
  readonly #sync: Sync;
  readonly #pace: Pace;
  readonly #bitrate = new Bitrate();
  readonly #held = new Held();
  readonly #picture: PictureOutput | undefined;
  readonly #sound: SoundOutput | undefined;
  readonly #pictureTrack: number;
  readonly #soundTrack: number;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #ssrc = crypto.getRandomValues(new Uint32Array(1))[0]!;
  #mse: Mse | undefined;
  #begun: { start: number | undefined; scale: number; at: number } | undefined;
  #paused = false;
  #closed = false;
  /** When the first unit since begin, and the newest packet came. */
  #firstUnit: number | undefined;
  #newest = 0;
  #stalled = false;
  #shown: (Shown & { latency: number | undefined; avOffset: number | undefined }) | undefined;
  #seen = () => {};
  #size = { width: 0, height: 0 };
  #told = 0;

  constructor(options: PlaybackOptions) {
    super();
    this.#options = options;
    this.element = document.createElement("div");
    this.#tracks = options.media.map((media) => new Track(media));
    this.#sync = new Sync(this.#tracks.length, options.live);
    this.#pace = new Pace({ live: options.live, least: options.live ? 0 : 0.15, most: options.live ? 0.3 : 0.5 });
    this.#pictureTrack = this.#first("video");
    this.#soundTrack = this.#first("audio");
    this.#picture = this.#pictureOutput();
    this.#sound = this.#soundOutput();
    this.#timer = setInterval(() => this.#tick(), beat);
  }

  /** Takes a packet of RTP or RTCP, which came at ms since 1970 by the clock of performance. */
  packet(track: number, rtcp: boolean, data: Uint8Array, at: number): void {
    if (this.#closed || this.#tracks[track] === undefined) return;
    this.#newest = at;
    this.#stalled = false;
    this.#bitrate.add(data.length, at);
    if (!this.#begun || this.#paused) this.#held.add({ track, rtcp, data: data.slice(), at });
    else if (rtcp) this.#control(track, data, at);
    else this.#media(track, data, at);
  }

  /**
   * What follows has nothing to do with what came before: after PLAY, also one that seeks. It ends a pause. The starts tie RTP
   * timestamps to the position start, in seconds; scale is how many seconds of the presentation pass in one.
   */
  begin(start: number | undefined, scale: number, starts: TrackStart[]): void {
    if (this.#closed) return;
    const held = this.#begun ? this.#held.since(starts) : this.#held.all();
    this.#begun = { start, scale, at: now() };
    this.#paused = this.#stalled = false;
    this.#firstUnit = this.#shown = undefined;
    this.#newest = now();
    this.#sync.begin(new Set(starts.filter(({ rtptime }) => rtptime !== undefined).map(({ track }) => track)));
    for (const [number, track] of this.#tracks.entries()) track.begin(starts.find(({ track }) => track === number));
    this.#pace.begin();
    this.#picture?.begin();
    this.#sound?.begin();
    this.#mse?.begin();
    for (const { track, rtcp, data, at } of held) this.packet(track, rtcp, data, at);
  }

  /** Freezes picture and sound at once. What comes until resume or begin is kept, up to a bound. */
  pause(): void {
    this.#paused = true;
    this.#picture?.freeze();
    this.#sound?.begin();
    this.#mse?.pause();
  }

  /** Goes on with what comes. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#pace.begin();
    this.#picture?.thaw();
    this.#mse?.resume();
    this.#sound?.speaker?.resume();
    // As if it came now: what stood still is no delay.
    for (const { track, rtcp, data } of this.#held.all()) this.packet(track, rtcp, data, now());
  }

  /** Seconds of the presentation, of the picture that is shown, or the sound that is heard; undefined if nobody said where it starts. */
  get position(): number | undefined {
    const { start, scale } = this.#begun ?? {};
    if (start === undefined || scale === undefined) return undefined;
    return start + scale * Math.max(0, this.#shown?.line ?? this.#heard ?? 0);
  }

  get volume(): number {
    return this.#sound?.volume ?? this.#options.volume ?? 1;
  }

  set volume(volume: number) {
    if (this.#sound) this.#sound.volume = volume;
  }

  get muted(): boolean {
    return this.#sound?.muted ?? false;
  }

  set muted(muted: boolean) {
    if (this.#sound) this.#sound.muted = muted;
  }

  /** What sound goes through; undefined until there is any, and the browser allows it. */
  get audio(): GainNode | undefined {
    return this.#sound?.nodes?.gain;
  }

  /** Shows what is heard; undefined as audio is. */
  get analyser(): AnalyserNode | undefined {
    return this.#sound?.nodes?.analyser;
  }

  /** RTCP receiver reports for the server, to be asked for every 5 seconds or so. */
  reports(): { track: number; data: Uint8Array }[] {
    return this.#tracks.flatMap(({ reception }, track) => {
      const block = reception.block(now());
      return block ? [{ track, data: receiverReport(this.#ssrc, `${this.#ssrc.toString(16)}@baton`, [block]) }] : [];
    });
  }

  /**
   * The picture that is shown, as PNG.
   * @throws Error when there is none
   */
  async snapshot(): Promise<Blob> {
    const source = this.#picture?.source;
    if (source === undefined || this.#size.width === 0) throw new Error("there is no picture");
    const canvas = document.createElement("canvas");
    ({ width: canvas.width, height: canvas.height } = this.#size);
    canvas.getContext("2d")?.drawImage(source, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
    if (blob === null) throw new Error("the picture cannot be copied");
    return blob;
  }

  stats(): PlaybackStats {
    const receptions = this.#tracks.map(({ reception }) => reception);
    return {
      path: this.#picture?.path ?? "none",
      audioPath: this.#sound?.path ?? "none",
      ...this.#size,
      framesDecoded: this.#picture?.decoded ?? 0,
      framesDropped: this.#picture?.dropped ?? 0,
      framesSkipped: this.#picture?.skipped ?? 0,
      framesShown: this.#picture?.shown ?? 0,
      bitrate: this.#bitrate.at(now()),
      buffered: this.#picture?.buffered ?? this.#sound?.speaker?.buffered ?? this.#mse?.buffered ?? 0,
      latency: this.#shown?.latency,
      avOffset: this.#shown?.avOffset,
      lost: receptions.reduce((sum, { lost }) => sum + lost, 0),
      jitter: Math.max(0, ...receptions.map(({ jitter }) => jitter)),
    };
  }

  /** Ends all, and lets go of decoders and sound. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#held.all();
    this.#picture?.close();
    this.#sound?.close();
    this.#mse?.close();
    this.element.replaceChildren();
  }

  #first(kind: Media["kind"]): number {
    return this.#tracks.findIndex(({ media, known }) => media.kind === kind && known);
  }

  #pictureOutput(): PictureOutput | undefined {
    const track = this.#tracks[this.#pictureTrack];
    return track && new PictureOutput(this.#pictureTrack, track.media.clockRate, {
      live: this.#options.live,
      forceMse: this.#options.forceMse ?? false,
      frame: this.element,
      line: (at) => this.#lineAt(at),
      now,
      mse: () => this.#theMse(),
      decoded: (line) => this.#pace.decoded(line, now()),
      shown: (picture) => this.#show(picture),
      failed: (error) => this.emit("error", error),
    });
  }

  #soundOutput(): SoundOutput | undefined {
    const track = this.#tracks[this.#soundTrack];
    return track && new SoundOutput(this.#soundTrack, track.media.clockRate, {
      forceMse: this.#options.forceMse ?? false,
      context: this.#options.audioContext,
      volume: this.#options.volume ?? 1,
      muted: this.#options.muted ?? false,
      due: (line) => (this.#mse ? this.#mse.due(line) : this.#pace.due(line)),
      now,
      mse: () => this.#theMse(),
      after: this.#picture ? new Promise<void>((done) => (this.#seen = done)) : Promise.resolve(),
      sounds: (yes) => this.emit("silenced", !yes),
      failed: (error) => this.emit("error", error),
    });
  }

  /** What plays tracks by Media Source Extensions, made when the first needs it. */
  #theMse(): Mse {
    const plain = this.#options.forceMse || !("VideoDecoder" in globalThis);
    const tracks = [this.#tracks[this.#pictureTrack], this.#tracks[this.#soundTrack]].filter((track) => track && !elsewhere.test(track.media.encoding));
    if (this.#mse) return this.#mse;
    this.#mse = new Mse({
      live: this.#options.live,
      tracks: plain ? tracks.length : 1,
      now,
      jitter: () => this.#pace.delay,
      shown: (picture) => this.#show(picture),
      silenced: () => this.#silence(),
      failed: (error) => this.emit("error", error),
    });
    if (!this.#picture) this.element.append(this.#mse.element); // it need not be in the page, but then it can be found there
    return this.#mse;
  }

  #silence(): void {
    this.muted = true;
    this.emit("silenced", true);
  }

  #media(number: number, data: Uint8Array, at: number): void {
    for (const timed of this.#tracks[number]!.packet(data, at)) this.#unit(number, timed, at);
  }

  #unit(number: number, { unit, seconds, config }: TimedUnit, at: number): void {
    const line = this.#sync.place(number, seconds, at);
    this.#arrive(line, at);
    if (number === this.#pictureTrack) this.#picture?.unit(unit, line, config as VideoConfig);
    else if (number === this.#soundTrack && this.#begun?.scale === 1) this.#sound?.unit(unit, line, config as AudioConfig);
  }

  /** What is before the start, and comes at once so that the start can be decoded, says nothing of the pace. */
  #arrive(line: number, at: number): void {
    this.#firstUnit ??= at;
    const early = !this.#options.live && line < -preroll;
    if (early && at - this.#firstUnit < prerollTime) return;
    if (early) this.#picture?.showAll();
    this.#pace.arrive(line, at);
  }

  #control(number: number, data: Uint8Array, at: number): void {
    for (const report of parseRtcp(data)) if (report.type === "sr") this.#report(number, report, at);
  }

  #report(number: number, report: SenderReport, at: number): void {
    const track = this.#tracks[number]!;
    track.reception.senderReport(report, at);
    const seconds = track.seconds(report.timestamp);
    if (report.time > 0 && seconds !== undefined) this.#sync.report(number, report.time / 1000, seconds);
  }

  /** The moment of the line that is due at a time in ms. */
  #lineAt(at: number): number | undefined {
    const played = this.#mse?.line;
    return played === undefined ? this.#pace.line(at) : played + (at - now()) / 1000;
  }

  get #heard(): number | undefined {
    return this.#sound?.speaker?.line ?? this.#mse?.line;
  }

  #show(picture: Shown): void {
    const first = this.#shown === undefined;
    const wall = this.#sync.wall(this.#pictureTrack, picture.line);
    const latency = wall === undefined ? undefined : now() / 1000 - wall;
    const heard = this.#sound?.speaker?.line;
    const believed = latency !== undefined && latency > 0 && latency < plausible;
    this.#shown = { ...picture, latency: believed ? latency : undefined, avOffset: heard === undefined ? undefined : picture.line - heard };
    if (picture.width !== this.#size.width || picture.height !== this.#size.height) this.#resize(picture);
    this.#seen();
    if (first && this.#begun) this.emit("firstpicture", now() - this.#begun.at);
    this.#tell();
  }

  #resize({ width, height }: Shown): void {
    this.#size = { width, height };
    this.emit("size", this.#size);
  }

  #tell(): void {
    const { position } = this;
    if (position === undefined || now() - this.#told < often) return;
    this.#told = now();
    this.emit("position", position);
  }

  #tick(): void {
    this.#mse?.tick();
    this.#picture?.tick();
    this.#pace.extra = this.#sound?.heard ? this.#sound.speaker!.lead : 0;
    if (this.#picture === undefined && this.#heard !== undefined) this.#tell();
    if (!this.#begun || this.#paused || this.#stalled || now() - this.#newest < patience) return;
    this.#stalled = true;
    this.emit("stalled", undefined);
  }
}

/** What Media Source Extensions have nothing to do with. */
const elsewhere = /^(JPEG|PCMU|PCMA|L8|L16|L24)$/;

/** ms since 1970, by a clock that never jumps. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
