import { Frames } from "./frames.ts";

/** What a decoder makes: drawn by the canvas, and closed by it. */
export type Picture = VideoFrame | ImageBitmap;

export interface CanvasOptions {
  /** Which moment of the line is due at a time in ms; undefined while nothing says so. */
  line(at: number): number | undefined;
  /** ms, on the clock of line. */
  now(): number;
  /** A picture is on the canvas. */
  shown(picture: { line: number; width: number; height: number }): void;
}

const capacity = 16; // pictures that wait: decoders have few
const half = 8; // ms: what is due before half of the next frame of the screen is shown now

/**
 * Draws the newest picture that is due: at once when it comes and is due already, else with the next frame of the screen. A page
 * that is hidden has no such frames: there older pictures give way to what comes.
 */
export class Canvas {
  readonly element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D | null;
  readonly #options: CanvasOptions;
  readonly #frames = new Frames<Picture>(capacity);
  #request = 0;
  /** The next picture is shown without waiting: better than none. */
  #first = true;
  #frozen = false;
  shown = 0;

  constructor(options: CanvasOptions) {
    this.#options = options;
    this.element = document.createElement("canvas");
    this.#context = this.element.getContext("2d", { alpha: false });
  }

  /** Pictures that were decoded and not shown. */
  get dropped(): number {
    return this.#frames.dropped;
  }

  /** Whether there is room for one more picture, and for some that a decoder has yet. */
  get room(): boolean {
    return !this.#frozen && this.#frames.length < capacity / 2;
  }

  /** Seconds of the line that wait to be shown. */
  get span(): number {
    return this.#frames.span;
  }

  /** Takes over a picture. */
  add(line: number, picture: Picture): void {
    this.#frames.add(line, picture);
    if (this.#frozen) return;
    if (this.#first) this.#draw(Infinity);
    else this.#drawDue(0);
  }

  /** Nothing is drawn until thaw or begin. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#drawDue(0);
  }

  /** What waits is forgotten; what is drawn stays until the next picture. */
  begin(): void {
    this.#frames.clear();
    this.#frozen = false;
    this.#first = true;
  }

  close(): void {
    this.#frozen = true;
    this.#frames.clear();
    cancelAnimationFrame(this.#request);
  }

  #drawDue(ahead: number): void {
    if (this.#frozen) return;
    const line = this.#options.line(this.#options.now() + ahead);
    if (line !== undefined) this.#draw(line);
    if (this.#frames.length > 0) this.#request ||= requestAnimationFrame(() => this.#frame());
  }

  #frame(): void {
    this.#request = 0;
    this.#drawDue(half);
  }

  #draw(until: number): void {
    const next = this.#frames.take(until);
    if (next === undefined) return;
    const { line, picture } = next;
    const [width, height] = "displayWidth" in picture ? [picture.displayWidth, picture.displayHeight] : [picture.width, picture.height];
    // Setting the size clears the canvas, so it is set when it changes only.
    if (this.element.width !== width) this.element.width = width;
    if (this.element.height !== height) this.element.height = height;
    this.#context?.drawImage(picture, 0, 0, width, height);
    picture.close();
    this.#first = false;
    this.shown++;
    this.#options.shown({ line, width, height });
  }
}
