import type { Source } from "./source.ts";

/** What runs where the browser makes sound: it sends what it hears in pieces of 1024 samples. A page with a Content-Security-Policy allows it with `worker-src blob:`. */
const tap = `registerProcessor("tap", class extends AudioWorkletProcessor {
  #piece = []; #filled = 0
  process([channels]) {
    if (channels.length !== this.#piece.length) {
      this.#piece = channels.map(() => new Float32Array(1024))
      this.#filled = 0
    }
    if (channels.length === 0) return true
    channels.forEach((samples, i) => this.#piece[i].set(samples, this.#filled))
    this.#filled += channels[0].length
    if (this.#filled < 1024) return true
    this.port.postMessage({ channels: this.#piece, end: currentFrame + channels[0].length })
    this.#filled = 0
    return true
  }
})`;

/** Pieces that wait to be read; when there are more, the page is too slow, and the oldest is lost. */
const maxWaiting = 50;

/** Takes the sound of a track from an AudioWorklet, for browsers that have no MediaStreamTrackProcessor for it. */
export class WorkletSource implements Source<AudioData> {
  readonly #context = new AudioContext();
  readonly #waiting: AudioData[] = [];
  readonly #ready: Promise<void>;
  #closed = false;
  #wake: () => void = () => {};

  constructor(track: MediaStreamTrack) {
    track.addEventListener("ended", () => this.close(), { once: true });
    this.#ready = this.#open(track);
    this.#ready.catch(() => {}); // read tells it
  }

  async read(): Promise<AudioData | undefined> {
    await this.#ready;
    while (this.#waiting.length === 0 && !this.#closed) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#waiting.shift();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const data of this.#waiting.splice(0)) data.close();
    this.#wake();
    this.#context.close().catch(() => {}); // it is over either way
  }

  async #open(track: MediaStreamTrack): Promise<void> {
    await addTap(this.#context);
    if (this.#closed) return;
    const node = new AudioWorkletNode(this.#context, "tap", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }) => this.#take(data.channels, data.end);
    this.#context.createMediaStreamSource(new MediaStream([track])).connect(node);
    await this.#context.resume();
  }

  #take(channels: Float32Array[], end: number): void {
    if (this.#closed) return;
    if (this.#waiting.length === maxWaiting) this.#waiting.shift()!.close();
    const { sampleRate } = this.#context;
    const frames = channels[0]!.length;
    const data = new Float32Array(frames * channels.length);
    channels.forEach((samples, i) => data.set(samples, i * frames));
    const timestamp = Math.round(((end - frames) / sampleRate) * 1e6);
    const format = "f32-planar";
    this.#waiting.push(new AudioData({ format, sampleRate, numberOfFrames: frames, numberOfChannels: channels.length, timestamp, data }));
    this.#wake();
  }
}

async function addTap(context: AudioContext): Promise<void> {
  const url = URL.createObjectURL(new Blob([tap], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } catch (error) {
    throw new Error(`This page may not run what takes the sound of the microphone (${(error as Error).message}).`);
  } finally {
    URL.revokeObjectURL(url);
  }
}
