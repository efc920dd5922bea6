import type { Unit, VideoConfig } from "../types.ts";
import { Canvas, type Picture } from "./canvas.ts";
import { JpegDecoding } from "./jpeg.ts";
import type { Mse } from "./mse.ts";
import { Opening } from "./opening.ts";
import type { PictureDecoder } from "./pictures.ts";
import { type VideoPath, videoPath } from "./support.ts";
import { VideoDecoding } from "./video_decoder.ts";

/** A picture that is seen now. */
export interface Shown {
  line: number;
  /** Pixels. */
  width: number;
  height: number;
}

export interface PictureOutputOptions {
  live: boolean;
  /** WebCodecs are not asked. */
  forceMse: boolean;
  /** Where the canvas or the video goes. */
  frame: HTMLElement;
  line(at: number): number | undefined;
  now(): number;
  mse(): Mse;
  /** A moment of the line is decoded. */
  decoded(line: number): void;
  shown(picture: Shown): void;
  /** Something does not work; what can be done about it is done. */
  failed(error: Error): void;
}

const most = 512; // units that wait until it is known how they are shown
const preroll = 0.05; // seconds before the start that are no preroll yet

/** The way of one track to the picture: chosen when its configuration is known, and anew when a decoder gives up. */
export class PictureOutput {
  readonly #options: PictureOutputOptions;
  readonly #track: number;
  readonly #clockRate: number;
  #path: VideoPath | undefined;
  #choosing = false;
  #closed = false;
  /** WebCodecs have given up. */
  #refused = false;
  #waiting: { unit: Unit; line: number; config: VideoConfig }[] = [];
  #canvas: Canvas | undefined;
  #decoder: PictureDecoder | undefined;
  #mse: Mse | undefined;
  #opening = new Opening();
  /** Pictures before it are there to be decoded only. */
  #from = 0;

  constructor(track: number, clockRate: number, options: PictureOutputOptions) {
    this.#track = track;
    this.#clockRate = clockRate;
    this.#options = options;
  }

  get path(): VideoPath {
    return this.#path ?? "none";
  }

  get decoded(): number {
    return this.#decoder?.decoded ?? this.#quality?.totalVideoFrames ?? 0;
  }

  /** Pictures that should have been seen. */
  get dropped(): number {
    return this.#leftOut - this.skipped;
  }

  /** Pictures left out until it had caught up with what is live. */
  get skipped(): number {
    return this.#opening.skipped(this.#leftOut);
  }

  get shown(): number {
    const quality = this.#quality;
    return this.#canvas?.shown ?? (quality ? quality.totalVideoFrames - quality.droppedVideoFrames : 0);
  }

  /** Seconds that wait. */
  get buffered(): number {
    return this.#mse ? this.#mse.buffered : (this.#decoder?.waiting ?? 0) + (this.#canvas?.span ?? 0);
  }

  /** What is to be seen, for a copy of it. */
  get source(): HTMLCanvasElement | HTMLVideoElement | undefined {
    return this.#canvas?.element ?? this.#mse?.element;
  }

  unit(unit: Unit, line: number, config: VideoConfig): void {
    if (this.#mse) return this.#mse.add(this.#track, unit, line, config, this.#clockRate);
    if (this.#decoder) return this.#decoder.decode(unit, line, config);
    if (this.#path === "none") return;
    this.#waiting.push({ unit, line, config });
    if (this.#waiting.length > most) this.#waiting.splice(0, this.#waiting.length, ...(unit.key ? [{ unit, line, config }] : []));
    if (!this.#choosing) void this.#choose(config);
  }

  /** What follows starts at 0 of the line. */
  begin(): void {
    this.#waiting = [];
    this.#from = this.#options.live ? -Infinity : -preroll;
    this.#opening.begin(this.#leftOut, this.#options.now());
    this.#decoder?.begin();
    this.#canvas?.begin();
  }

  /** What is before the start is shown too. */
  showAll(): void {
    this.#from = -Infinity;
  }

  /** The owner calls it a few times a second. */
  tick(): void {
    if (this.#mse) this.#opening.look(this.#leftOut, this.#mse.settled ? 0 : undefined, this.#options.now());
  }

  freeze(): void {
    this.#canvas?.freeze();
  }

  thaw(): void {
    this.#canvas?.thaw();
    this.#decoder?.pull();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#decoder?.close();
    this.#canvas?.close();
  }

  get #leftOut(): number {
    return this.#mse ? this.#mse.dropped : (this.#decoder?.dropped ?? 0) + (this.#canvas?.dropped ?? 0);
  }

  get #quality(): VideoPlaybackQuality | undefined {
    return this.#mse?.element.getVideoPlaybackQuality();
  }

  async #choose(config: VideoConfig): Promise<void> {
    this.#choosing = true;
    const path = await videoPath(config, this.#options.forceMse || this.#refused);
    this.#choosing = false;
    if (!this.#closed) this.#take(path, config);
  }

  #take(path: VideoPath, config: VideoConfig): void {
    this.#path = path;
    if (path === "none") this.#options.failed(new Error(`this browser cannot show ${config.codec}`));
    if (path === "webcodecs" || path === "jpeg") this.#decodeBy(path);
    if (path === "mse") this.#show((this.#mse = this.#options.mse()).element);
    for (const { unit, line, config } of this.#waiting.splice(0)) this.unit(unit, line, config);
  }

  #decodeBy(path: "webcodecs" | "jpeg"): void {
    const { live, line, now, decoded, shown } = this.#options;
    const canvas = (this.#canvas = new Canvas({
      line,
      now,
      shown: (picture) => {
        shown(picture);
        this.#decoder?.pull();
      },
    }));
    const picture = (moment: number, picture: Picture) => {
      if (moment < this.#from) return picture.close();
      decoded(moment);
      canvas.add(moment, picture);
      const due = line(now());
      this.#opening.look(this.#leftOut, due === undefined ? undefined : due - moment, now());
    };
    if (path === "jpeg") this.#decoder = new JpegDecoding({ picture });
    else this.#decoder = new VideoDecoding({ live, picture, room: () => canvas.room, failed: (error) => this.#fallBack(error) });
    this.#show(canvas.element);
  }

  /** WebCodecs said they could, and could not: the next unit chooses anew, without them. */
  #fallBack(error: Error): void {
    this.#decoder?.close();
    this.#canvas?.close();
    this.#decoder = this.#canvas = this.#path = undefined;
    this.#waiting = [];
    this.#refused = true;
    this.#opening = new Opening();
    this.#opening.begin(0, this.#options.now());
    this.#options.failed(error);
  }

  #show(element: HTMLElement): void {
    element.style.cssText = "display:block;width:100%;height:100%;object-fit:inherit";
    this.#options.frame.replaceChildren(element);
  }
}
