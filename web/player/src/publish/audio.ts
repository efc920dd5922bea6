import { SourceClock } from "./clock.ts";
import type { Congestion, EncodedUnit, Feed } from "./feed.ts";
import { opusFormat, type RtpFormat } from "./sdp.ts";
import { type Source, soundSource } from "./source.ts";

export interface AudioOptions {
  /** Bits a second; 48000 for each channel unless given. */
  bitrate?: number;
}

/** A hole in the sound, in µs, that the timestamps of the encoder must not close. */
const hole = 50_000;

/** Encodes the sound of a track in Opus (WebCodecs AudioEncoder), in packets of 20 ms. */
export class SoundEncoder implements Feed {
  readonly clock = new SourceClock();
  readonly format: Promise<RtpFormat>;
  readonly #bitrate: number | undefined;
  readonly #congestion: () => Congestion;
  readonly #source: Source<AudioData>;
  readonly #encoder: AudioEncoder;
  #ready!: (format: RtpFormat) => void;
  #rtp: RtpFormat | undefined;
  #send: ((unit: EncodedUnit) => void) | undefined;
  #sampleRate = 0;
  #channels = 0;
  /** Where the next sound begins unless there is a hole, in µs. */
  #next = 0;
  #failure: Error | undefined;
  #closed = false;
  #encoded = 0;

  constructor(track: MediaStreamTrack, options: AudioOptions, congestion: () => Congestion) {
    this.format = new Promise((resolve) => (this.#ready = resolve));
    this.#bitrate = options.bitrate;
    this.#congestion = congestion;
    this.#source = soundSource(track);
    this.#encoder = new AudioEncoder({
      output: (chunk) => this.#output(chunk),
      error: (error) => this.#fail(new Error(`The audio encoder gave up: ${error.message}`)),
    });
  }

  /** Packets so far. */
  get encoded(): number {
    return this.#encoded;
  }

  async run(): Promise<void> {
    try {
      for (let data; (data = await this.#source.read()) !== undefined; ) {
        await this.#take(data).finally(data.close.bind(data));
      }
    } finally {
      this.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  begin(send: (unit: EncodedUnit) => void): void {
    this.#send = send;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  async #take(data: AudioData): Promise<void> {
    // Sound is here when its last sample is.
    this.clock.see(data.timestamp + data.duration, performance.now());
    if (this.#closed) return;
    const changed = data.sampleRate !== this.#sampleRate || data.numberOfChannels !== this.#channels;
    if (changed || Math.abs(data.timestamp - this.#next) > hole) await this.#configure(data);
    this.#next = data.timestamp + data.duration;
    if (!this.#closed) this.#encoder.encode(data);
  }

  /** Sets the encoder up anew: it counts samples from there on. */
  async #configure({ sampleRate, numberOfChannels }: AudioData): Promise<void> {
    const bitrate = this.#bitrate ?? 48_000 * numberOfChannels;
    const config = { codec: "opus", sampleRate, numberOfChannels, bitrate, opus: { frameDuration: 20_000 } };
    const { supported } = await AudioEncoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (this.#closed) return;
    if (!supported || numberOfChannels > 2) {
      throw new Error(`This browser cannot encode sound of ${numberOfChannels} channels and ${sampleRate} samples a second in Opus.`);
    }
    this.#encoder.reset();
    this.#encoder.configure(config);
    [this.#sampleRate, this.#channels] = [sampleRate, numberOfChannels];
    this.#rtp = opusFormat(numberOfChannels);
    this.#ready(this.#rtp);
  }

  #output(chunk: EncodedAudioChunk): void {
    if (this.#closed || this.#rtp === undefined) return;
    this.#encoded++;
    if (this.#congestion() === "all") return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#send?.({ payloads: this.#rtp.packetize(data, true), timestamp: chunk.timestamp });
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#source.close();
  }
}
