import type { AudioConfig, Unit } from "../types.ts";
import type { SoundDecoder } from "./audio_decoder.ts";
import type { Speaker } from "./speaker.ts";

/** Sound that needs no decoder: it only has to be sorted by channel. */
export class PcmSound implements SoundDecoder {
  readonly #speaker: Speaker;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
  }

  decode({ data }: Unit, line: number, { channels, sampleRate }: AudioConfig): void {
    const samples = new Float32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
    const frames = Math.floor(samples.length / channels);
    if (frames === 0) return;
    const sound = this.#speaker.buffer(channels, frames, sampleRate);
    for (let channel = 0; channel < channels; channel++) {
      const out = sound.getChannelData(channel);
      for (let i = 0; i < frames; i++) out[i] = samples[i * channels + channel]!;
    }
    this.#speaker.play(line, sound);
  }

  begin(): void {}

  close(): void {}
}
