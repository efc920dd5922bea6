import { toHex } from "../depacketize/base64.ts";
import { Emitter } from "../emitter.ts";
import { RtspClient } from "../rtsp/client.ts";
import type { ClientOptions } from "../rtsp/options.ts";
import { type AudioOptions, SoundEncoder } from "./audio.ts";
import { usualBitrate } from "./codecs.ts";
import { PictureEncoder, type VideoOptions } from "./encoder.ts";
import type { Congestion, Feed } from "./feed.ts";
import { Outgoing } from "./outgoing.ts";
import { announcement } from "./sdp.ts";
import { whyNot } from "./support.ts";

export interface PublishOptions {
  /** Of the server's WebSocket, as RtspClient takes it. */
  url: string;
  client?: ClientOptions;
  /** The first video track and the first audio track of it are published. Its tracks stay the caller's: nobody stops them here. */
  source: MediaStream;
  /** H.264 as the source has it unless given. */
  video?: VideoOptions;
  /** False: no sound, even if the source has some. */
  audio?: AudioOptions | false;
}

/** A publisher goes from left to right, and ends once. */
export type PublishState = "idle" | "connecting" | "recording" | "stopped" | "failed";

export interface PublishStats {
  state: PublishState;
  /** Of the video; "" and 0 before the first picture. */
  codec: string;
  /** Pixels. */
  width: number;
  height: number;
  framesEncoded: number;
  /** Pictures that were left out, since the encoder or the network was behind. */
  framesDropped: number;
  audioPackets: number;
  /** Bytes of media that were sent. */
  sent: number;
  /** Bits a second, of the last second. */
  bitrate: number;
  /** Bytes that wait for the network. */
  buffered: number;
}

/** How long a source has for its first picture and sound, in ms. */
const patience = 10_000;
/** From one event of statistics to the next, in ms; and from one report to the next, in those. */
const tick = 1000;
const ticksPerReport = 5;

/** Publishes a MediaStream: ANNOUNCE, SETUP and RECORD over WebSocket, encoded in the page. Whoever wants to go on after the end makes a new one. */
export class Publisher extends Emitter<{ state: PublishState; stats: PublishStats; error: Error }> {
  readonly #options: PublishOptions;
  readonly #client: RtspClient;
  #state: PublishState = "idle";
  #video: PictureEncoder | undefined;
  #audio: SoundEncoder | undefined;
  #running = 0;
  #tracks: Outgoing[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #ticks = 0;
  #bitrate = 0;
  #sentBefore = 0;
  /** Rejects when all is over: what start waits for is waited for no longer. */
  readonly #over: Promise<never>;
  #interrupt!: (why: Error) => void;

  /** It does nothing until start. It throws a TypeError if the URL makes no sense. */
  constructor(options: PublishOptions) {
    super();
    this.#options = options;
    this.#client = new RtspClient(options.url, options.client);
    this.#over = new Promise((_, reject) => (this.#interrupt = reject));
    this.#over.catch(() => {});
  }

  get state(): PublishState {
    return this.#state;
  }

  /** Resolves when media flows, and rejects with why it does not. What goes wrong later is the event error. */
  async start(): Promise<void> {
    if (this.#state !== "idle") throw new Error("A publisher starts only once: make a new one.");
    this.#become("connecting");
    try {
      this.#encode();
      await Promise.race([this.#connect(), this.#over]);
      if (this.state !== "connecting") await this.#over; // it may end in the moment in which it begins
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
    this.#become("recording");
    this.#timer = setInterval(() => this.#tick(), tick);
    for (const track of this.#tracks) track.begin();
  }

  /** Ends the session properly. The server has heard of it, or is gone, when this resolves. */
  async stop(): Promise<void> {
    const recording = this.#state === "recording";
    if (!this.#release("stopped")) return;
    this.#interrupt(new Error("Publishing was stopped before it began."));
    if (recording) {
      for (const track of this.#tracks) track.report(true);
      await this.#client.teardown().catch(() => {}); // it may be gone already
    }
    this.#client.close();
  }

  stats(): PublishStats {
    const { encoded, dropped } = this.#video?.counts ?? { encoded: 0, dropped: 0 };
    return {
      state: this.#state,
      codec: this.#video?.picture?.codec ?? "",
      width: this.#video?.picture?.width ?? 0,
      height: this.#video?.picture?.height ?? 0,
      framesEncoded: encoded,
      framesDropped: dropped,
      audioPackets: this.#audio?.encoded ?? 0,
      sent: this.#sent,
      bitrate: this.#bitrate,
      buffered: this.#client.bufferedAmount,
    };
  }

  get #feeds(): Feed[] {
    return [this.#video, this.#audio].filter((feed) => feed !== undefined);
  }

  get #sent(): number {
    return this.#tracks.reduce((sum, track) => sum + track.bytes, 0);
  }

  /** Begins to encode: what the encoders say of their formats is announced. */
  #encode(): void {
    const { source, video = { codec: "h264" }, audio = {} } = this.#options;
    const [picture, sound] = [source.getVideoTracks()[0], source.getAudioTracks()[0]];
    const wantsAudio = audio !== false && sound !== undefined;
    const reason = whyNot(wantsAudio);
    if (reason !== undefined) throw new Error(reason);
    if (picture === undefined && !wantsAudio) throw new Error("The source has nothing to publish: no video and no audio.");
    const congestion = () => this.#congestion();
    if (picture !== undefined) this.#video = new PictureEncoder(picture, video, congestion);
    if (wantsAudio) this.#audio = new SoundEncoder(sound, audio, congestion);
    for (const feed of this.#feeds) {
      this.#running++;
      feed.run().then(() => this.#trackEnded(), (error) => this.#fail(error));
    }
  }

  async #connect(): Promise<void> {
    const told = Promise.all(this.#feeds.map((feed) => feed.format));
    const formats = await withinPatience(Promise.race([told, this.#over]));
    this.#client.on("close", (error) => this.#fail(error));
    await this.#client.connect();
    await this.#client.announce(announcement(formats));
    for (const track of formats.keys()) await this.#client.setup(track);
    await this.#client.record();
    const name = toHex(crypto.getRandomValues(new Uint8Array(12))); // RFC 7022 section 4.2
    this.#tracks = this.#feeds.map((feed, track) => new Outgoing(this.#client, track, feed, formats[track]!, name));
  }

  /** Half a second may wait to be sent before pictures are left out; sound goes on for longer, it is small. */
  #congestion(): Congestion {
    const picture = this.#video?.picture;
    const bitrate = this.#options.video?.bitrate ?? (picture === undefined ? 0 : usualBitrate(picture));
    const halfSecond = Math.max(bitrate / 16, 64 << 10);
    const waiting = this.#client.bufferedAmount;
    return waiting <= halfSecond ? "none" : waiting <= 4 * halfSecond ? "pictures" : "all";
  }

  #tick(): void {
    const sent = this.#sent;
    this.#bitrate = ((sent - this.#sentBefore) * 8000) / tick;
    this.#sentBefore = sent;
    if (++this.#ticks % ticksPerReport === 0) for (const track of this.#tracks) track.report();
    this.emit("stats", this.stats());
  }

  /** Somebody stopped sharing the screen, or pulled the camera out: with the last track the publishing ends. */
  #trackEnded(): void {
    if (--this.#running === 0) void this.stop();
  }

  /** Ends it because of an error, which start tells if it has not returned yet. */
  #fail(error: Error): void {
    const starting = this.#state === "connecting";
    if (!this.#release("failed")) return;
    this.#interrupt(error);
    this.#client.close();
    if (!starting) this.emit("error", error);
  }

  /** Lets everything go but the connection; false if that was done before. */
  #release(state: "stopped" | "failed"): boolean {
    if (this.#state === "stopped" || this.#state === "failed") return false;
    clearInterval(this.#timer);
    for (const feed of this.#feeds) feed.close();
    this.#become(state);
    return true;
  }

  #become(state: PublishState): void {
    this.#state = state;
    this.emit("state", state);
  }
}

async function withinPatience<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const why = new Error(`The source gave no picture or no sound within ${patience / 1000} seconds.`);
    timer = setTimeout(() => reject(why), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
