import { reorderDepth } from "../mp4/depth.ts";
import type { Unit, VideoConfig } from "../types.ts";
import { Backlog, type Waiting } from "./backlog.ts";
import type { PictureDecoder } from "./pictures.ts";

export interface VideoDecodingOptions {
  live: boolean;
  /** Whether there is room for one more picture. */
  room(): boolean;
  /** Takes over a picture. */
  picture(line: number, frame: VideoFrame): void;
  /** It has given up. */
  failed(error: Error): void;
}

const feed = 4; // units of stored media in the decoder at a time
const behind = 40; // live units in the decoder that are more than a machine in time has
const flood = 1500; // live units in the decoder, after which nothing helps but a key picture
const tries = 3; // errors without a picture in between

/**
 * Decodes by WebCodecs. Live media go into the decoder as they come; if it cannot keep up, it goes on at a key picture. Stored
 * media wait until there is room for what becomes of them: pictures hold memory that decoders have little of.
 */
export class VideoDecoding implements PictureDecoder {
  readonly #options: VideoDecodingOptions;
  readonly #backlog = new Backlog();
  #decoder: VideoDecoder | undefined;
  #config: VideoConfig | undefined;
  /** Nothing can be decoded before a key picture. */
  #fresh = true;
  #errors = 0;
  #dropped = 0;
  decoded = 0;

  constructor(options: VideoDecodingOptions) {
    this.#options = options;
  }

  get dropped(): number {
    return this.#dropped + this.#backlog.dropped;
  }

  get waiting(): number {
    return this.#backlog.span;
  }

  decode(unit: Unit, line: number, config: VideoConfig): void {
    const queued = this.#decoder?.decodeQueueSize ?? 0;
    if (this.#options.live && queued > (unit.key ? behind : flood)) this.#catchUp(queued);
    this.#backlog.add({ unit, line, config });
    this.pull();
  }

  pull(): void {
    while (this.#backlog.length > 0) {
      const queued = this.#decoder?.decodeQueueSize ?? 0;
      if (!this.#options.live && (queued >= feed || !this.#options.room())) return;
      this.#feed(this.#backlog.shift()!);
    }
  }

  begin(): void {
    this.#backlog.clear();
    this.#reset();
  }

  close(): void {
    this.#backlog.clear();
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = undefined;
  }

  /** What is in the decoder is worth less than what comes. */
  #catchUp(queued: number): void {
    this.#dropped += queued;
    this.#reset();
  }

  #reset(): void {
    this.#fresh = true;
    this.#config = undefined;
    if (this.#decoder?.state === "configured") this.#decoder.reset();
  }

  #feed({ unit, line, config }: Waiting): void {
    if (this.#fresh && !unit.key) return void this.#dropped++;
    try {
      this.#decoder ??= this.#open();
      const settings = decoderConfig(config, this.#options.live);
      if (config !== this.#config) this.#decoder.configure(settings);
      this.#config = config;
      const chunk = new EncodedVideoChunk({ type: unit.key ? "key" : "delta", timestamp: Math.round(line * 1e6), data: unit.data });
      if (this.#fresh && !settings.optimizeForLatency) this.#preview(this.#decoder, chunk);
      this.#fresh = false;
      this.#decoder.decode(chunk);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /**
   * A decoder that puts pictures in order keeps the first until more have come: at the pace of stored media that is long. It gives
   * it out when it is flushed; then it has to be given the picture once more, for the others need it.
   */
  #preview(decoder: VideoDecoder, chunk: EncodedVideoChunk): void {
    decoder.decode(chunk);
    decoder.flush().catch(() => {}); // begin or an error came in between
  }

  #open(): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (frame) => {
        this.decoded++;
        this.#errors = 0;
        this.#options.picture(frame.timestamp / 1e6, frame);
        this.pull();
      },
      error: (error) => {
        if (decoder === this.#decoder) this.#fail(error);
      },
    });
    decoder.addEventListener("dequeue", () => this.pull());
    return decoder;
  }

  /** A decoder that has failed is closed for good: the next key picture gets another. */
  #fail(error: Error): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = this.#config = undefined;
    this.#fresh = true;
    if (++this.#errors >= tries || error.name === "NotSupportedError") this.#options.failed(error);
  }
}

/** What the decoder must know. With pictures in the order they are shown in, it has no reason to keep any back. */
export function decoderConfig(config: VideoConfig, live: boolean): VideoDecoderConfig {
  const { codec, width, height, description } = config;
  const depth = reorderDepth(config);
  const prompt = depth === 0 || (depth === undefined && live);
  return { codec, codedWidth: width, codedHeight: height, ...(description && { description }), ...(prompt && { optimizeForLatency: true }) };
}
