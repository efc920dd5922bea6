import { SourceClock } from "./clock.ts";
import { codecString, type PictureFormat, usualBitrate, type VideoCodec } from "./codecs.ts";
import type { Congestion, EncodedUnit, Feed } from "./feed.ts";
import { Pace } from "./pace.ts";
import { type RtpFormat, videoFormat } from "./sdp.ts";
import { pictureSource, type Source } from "./source.ts";

export interface VideoOptions {
  codec: VideoCodec;
  /** Pixels; as the source has them unless given. One alone keeps the proportions. */
  width?: number;
  height?: number;
  /** Bits a second. */
  bitrate?: number;
  /** The most pictures a second; as many as the source has unless given. */
  framerate?: number;
  /** Seconds from one key picture to the next; 2 unless given. */
  keyInterval?: number;
}

/** Pictures that wait in the encoder; with more it is too slow, and some are left out. */
const maxQueue = 2;
/** After so many ms without a picture the last one is sent again: a screen that rests is no connection that is dead. */
const restless = 1000;

/** Encodes the pictures of a track (WebCodecs VideoEncoder), as fast as they come and can leave. */
export class PictureEncoder implements Feed {
  readonly clock = new SourceClock();
  readonly format: Promise<RtpFormat>;
  readonly #options: VideoOptions;
  readonly #framerate: number;
  readonly #congestion: () => Congestion;
  readonly #source: Source<VideoFrame>;
  readonly #encoder: VideoEncoder;
  readonly #pace: Pace;
  #picture: PictureFormat | undefined;
  #rtp: RtpFormat | undefined;
  #ready!: (format: RtpFormat) => void;
  #send: ((unit: EncodedUnit) => void) | undefined;
  /** The last picture, and when it came, in ms of the page. */
  #last: VideoFrame | undefined;
  #arrived = 0;
  #failure: Error | undefined;
  #closed = false;
  #encoded = 0;
  #dropped = 0;

  constructor(track: MediaStreamTrack, options: VideoOptions, congestion: () => Congestion) {
    this.format = new Promise((resolve) => (this.#ready = resolve));
    this.#options = options;
    this.#framerate = options.framerate ?? track.getSettings().frameRate ?? 30;
    this.#congestion = congestion;
    this.#pace = new Pace(options.framerate ?? Infinity, options.keyInterval ?? 2);
    this.#source = pictureSource(track);
    this.#encoder = new VideoEncoder({
      output: (chunk, metadata) => this.#output(chunk, metadata),
      error: (error) => this.#fail(new Error(`The video encoder gave up: ${error.message}`)),
    });
  }

  /** Pictures so far: those that were encoded, and those that were left out since the encoder or the network was behind. */
  get counts(): { encoded: number; dropped: number } {
    return { encoded: this.#encoded, dropped: this.#dropped };
  }

  /** How pictures are encoded; undefined before the first. */
  get picture(): PictureFormat | undefined {
    return this.#picture;
  }

  async run(): Promise<void> {
    const timer = setInterval(() => this.#repeat(), restless);
    try {
      for (let frame; (frame = await this.#source.read()) !== undefined; ) await this.#take(frame);
    } finally {
      clearInterval(timer);
      this.close();
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  begin(send: (unit: EncodedUnit) => void): void {
    this.#send = send;
    this.#pace.wantKey();
    this.#repeat(true);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    this.#last?.close();
    this.#last = undefined;
    if (this.#encoder.state !== "closed") this.#encoder.close();
  }

  async #take(frame: VideoFrame): Promise<void> {
    const now = performance.now();
    this.clock.see(frame.timestamp, now);
    try {
      await this.#fit(frame);
    } finally {
      this.#keep(frame, now);
    }
    if (!this.#closed) this.#encode(frame);
  }

  #keep(frame: VideoFrame, now: number): void {
    if (this.#closed) return frame.close();
    this.#last?.close();
    this.#last = frame;
    this.#arrived = now;
  }

  /** Sets the encoder up anew when the pictures have another size than before. */
  async #fit(frame: VideoFrame): Promise<void> {
    const [width, height] = sizeOf(frame, this.#options);
    if (this.#picture?.width === width && this.#picture.height === height) return;
    const picture = { codec: this.#options.codec, width, height, framerate: this.#framerate };
    const config = configOf(picture, this.#options.bitrate);
    const { supported } = await VideoEncoder.isConfigSupported(config).catch(() => ({ supported: false }));
    if (this.#closed) return;
    if (!supported) throw new Error(`This browser cannot encode ${picture.codec.toUpperCase()} of ${width}x${height} pixels: choose another codec or size.`);
    this.#encoder.configure(config);
    this.#picture = picture;
    this.#pace.wantKey();
  }

  #encode(frame: VideoFrame): void {
    const behind = this.#encoder.encodeQueueSize > maxQueue || this.#congestion() !== "none";
    const what = this.#pace.next(frame.timestamp, behind);
    if (what !== "drop") this.#encoder.encode(frame, { keyFrame: what === "key" });
    else if (behind) this.#dropped++;
  }

  /** Encodes the last picture again, if none came for a while. */
  #repeat(atOnce = false): void {
    const rest = performance.now() - this.#arrived;
    if (this.#last === undefined || this.#closed || (rest < restless && !atOnce)) return;
    const later = Math.max(1, Math.round(1000 * rest));
    const again = new VideoFrame(this.#last, { timestamp: this.#last.timestamp + later });
    this.#encode(again);
    again.close();
  }

  #output(chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): void {
    if (metadata?.decoderConfig !== undefined) this.#describe(metadata.decoderConfig);
    if (this.#rtp === undefined || this.#closed) return;
    this.#encoded++;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#send?.({ payloads: this.#rtp.packetize(data, chunk.type === "key"), timestamp: chunk.timestamp });
  }

  #describe(config: VideoDecoderConfig): void {
    this.#rtp = videoFormat(this.#options.codec, config);
    if (this.#rtp !== undefined) this.#ready(this.#rtp);
    else this.#fail(new Error("The video encoder of this browser does not say how to decode what it makes."));
  }

  /** Has run end with an error. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#source.close();
  }
}

/** Even, as colours of half the resolution want it. */
function sizeOf(frame: VideoFrame, { width, height }: VideoOptions): [number, number] {
  const even = (size: number) => Math.max(2, 2 * Math.floor(size / 2));
  const [across, down] = [frame.displayWidth, frame.displayHeight];
  return [even(width ?? ((height ?? down) * across) / down), even(height ?? ((width ?? across) * down) / across)];
}

function configOf(picture: PictureFormat, bitrate?: number): VideoEncoderConfig {
  return {
    codec: codecString(picture),
    width: picture.width,
    height: picture.height,
    bitrate: bitrate ?? usualBitrate(picture),
    framerate: picture.framerate,
    latencyMode: "realtime",
    ...(picture.codec === "h264" && { avc: { format: "avc" } }),
  };
}
