import type { AudioConfig, Unit } from "../types.ts";
import type { Speaker } from "./speaker.ts";
import { audioDecoderConfig } from "./support.ts";

/** What makes sound of units, and gives it to the speaker. */
export interface SoundDecoder {
  /** Takes the next unit, of a moment of the line in seconds. */
  decode(unit: Unit, line: number, config: AudioConfig): void;
  /** All that was taken is forgotten. */
  begin(): void;
  close(): void;
}

const most = 128; // units in the decoder
const tries = 3; // errors without sound in between

/** Decodes AAC and Opus by WebCodecs. */
export class SoundDecoding implements SoundDecoder {
  readonly #speaker: Speaker;
  readonly #failed: (error: Error) => void;
  #decoder: AudioDecoder | undefined;
  #config: AudioConfig | undefined;
  #errors = 0;

  /** failed: it has given up. */
  constructor(speaker: Speaker, failed: (error: Error) => void) {
    this.#speaker = speaker;
    this.#failed = failed;
  }

  decode(unit: Unit, line: number, config: AudioConfig): void {
    if ((this.#decoder?.decodeQueueSize ?? 0) > most) return; // it cannot keep up
    try {
      this.#decoder ??= this.#open();
      if (config !== this.#config) this.#decoder.configure(audioDecoderConfig(config));
      this.#config = config;
      this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: Math.round(line * 1e6), data: unit.data }));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  begin(): void {
    if (this.#decoder?.state === "configured") this.#decoder.reset();
    this.#config = undefined;
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = undefined;
  }

  #open(): AudioDecoder {
    const decoder: AudioDecoder = new AudioDecoder({
      output: (data) => this.#play(data),
      error: (error) => {
        if (decoder === this.#decoder) this.#fail(error);
      },
    });
    return decoder;
  }

  #play(data: AudioData): void {
    this.#errors = 0;
    const { numberOfChannels, numberOfFrames, sampleRate } = data;
    const sound = this.#speaker.buffer(numberOfChannels, numberOfFrames, sampleRate);
    for (let i = 0; i < numberOfChannels; i++) data.copyTo(sound.getChannelData(i), { planeIndex: i, format: "f32-planar" });
    const line = data.timestamp / 1e6;
    data.close();
    this.#speaker.play(line, sound);
  }

  #fail(error: Error): void {
    this.close();
    this.#config = undefined;
    if (++this.#errors >= tries) this.#failed(error);
  }
}
