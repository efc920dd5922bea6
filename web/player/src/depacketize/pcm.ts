import type { AudioConfig, Depacketizer, Media, RtpPacket, Unit } from "../types.ts";

/** Reads a sample, of which -1 and 1 are the extremes, at an offset in bytes. */
export type ReadSample = (view: DataView, at: number) => number;

/** Sound that is not compressed: each packet is a unit of floats. */
export class PcmDepacketizer implements Depacketizer {
  readonly config: AudioConfig;
  readonly #width: number;
  readonly #read: ReadSample;

  /** width: bytes of a sample. */
  constructor(media: Media, width: number, read: ReadSample) {
    const { clockRate: sampleRate, channels } = media;
    this.config = { kind: "audio", format: "pcm", codec: "pcm", sampleRate, channels };
    this.#width = width;
    this.#read = read;
  }

  push({ payload, timestamp }: RtpPacket, _lost: boolean): Unit[] {
    const count = payload.length / this.#width;
    const duration = count / this.config.channels;
    if (count === 0 || !Number.isInteger(duration)) return []; // it was cut
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const samples = new Float32Array(count);
    for (let i = 0; i < count; i++) samples[i] = this.#read(view, i * this.#width);
    return [{ data: new Uint8Array(samples.buffer), timestamp, key: true, duration }];
  }
}
