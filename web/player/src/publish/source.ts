import { WorkletSource } from "./worklet.ts";

/** What a track of a MediaStream gives, one after the other. Whoever reads something closes it. */
export interface Source<T> {
  /** The next one; undefined once the track has ended or the source is closed. */
  read(): Promise<T | undefined>;
  close(): void;
}

/** Of MediaStreamTrackProcessor (W3C mediacapture-transform); the types of the DOM do not have it yet. */
type ProcessorMaker<T> = new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<T> };

/** The pictures of a video track. */
export function pictureSource(track: MediaStreamTrack): Source<VideoFrame> {
  const Processor = processorMaker<VideoFrame>();
  return Processor !== undefined ? new ProcessorSource(new Processor({ track }).readable) : new ElementSource(track);
}

/** The sound of an audio track. */
export function soundSource(track: MediaStreamTrack): Source<AudioData> {
  const Processor = processorMaker<AudioData>();
  return Processor !== undefined ? new ProcessorSource(new Processor({ track }).readable) : new WorkletSource(track);
}

/** Looked up when needed: a browser without it is no reason not to load this file. */
function processorMaker<T>(): ProcessorMaker<T> | undefined {
  return (globalThis as { MediaStreamTrackProcessor?: ProcessorMaker<T> }).MediaStreamTrackProcessor;
}

class ProcessorSource<T> implements Source<T> {
  readonly #reader: ReadableStreamDefaultReader<T>;

  constructor(readable: ReadableStream<T>) {
    this.#reader = readable.getReader();
  }

  async read(): Promise<T | undefined> {
    return (await this.#reader.read()).value;
  }

  close(): void {
    this.#reader.cancel().catch(() => {}); // it is over either way
  }
}

/** Takes the pictures that a video element shows. While the page is hidden, there are none. */
class ElementSource implements Source<VideoFrame> {
  readonly #video = document.createElement("video");
  #closed = false;
  #wake: () => void = () => {};

  constructor(track: MediaStreamTrack) {
    this.#video.muted = true;
    this.#video.playsInline = true;
    this.#video.srcObject = new MediaStream([track]);
    track.addEventListener("ended", () => this.close(), { once: true });
    this.#video.play().catch(() => this.close());
  }

  async read(): Promise<VideoFrame | undefined> {
    const now = await new Promise<number>((resolve) => {
      this.#wake = () => resolve(0);
      this.#video.requestVideoFrameCallback(resolve);
      if (this.#closed) resolve(0);
    });
    return this.#closed ? undefined : new VideoFrame(this.#video, { timestamp: Math.round(now * 1000) });
  }

  close(): void {
    this.#closed = true;
    this.#video.srcObject = null;
    this.#wake();
  }
}
