/** As much of a browser as a publisher needs: tracks that tests feed, and encoders that make something of it at once. */

/** A track of camera or microphone; what is given to it comes out of MediaStreamTrackProcessor. */
export class FakeTrack {
  readonly kind: "video" | "audio";
  #controller!: ReadableStreamDefaultController<FakeFrame | FakeSound>;
  readonly readable = new ReadableStream<FakeFrame | FakeSound>({ start: (c) => void (this.#controller = c), cancel: () => void (this.closed = true) });
  /** Nobody reads it any more. */
  closed = false;

  constructor(kind: "video" | "audio") {
    this.kind = kind;
  }

  getSettings() {
    return { frameRate: 30 };
  }

  give(...media: (FakeFrame | FakeSound)[]): void {
    for (const medium of media) this.#controller.enqueue(medium);
  }

  end(): void {
    this.#controller.close();
  }
}

/** A picture; its timestamp is in µs. */
export class FakeFrame {
  static open = new Set<FakeFrame>();
  readonly timestamp: number;
  readonly displayWidth: number;
  readonly displayHeight: number;

  constructor(source: { displayWidth: number; displayHeight: number }, { timestamp }: { timestamp: number }) {
    this.timestamp = timestamp;
    this.displayWidth = source.displayWidth;
    this.displayHeight = source.displayHeight;
    FakeFrame.open.add(this);
  }

  close(): void {
    FakeFrame.open.delete(this);
  }
}

/** 20 ms of sound. */
export class FakeSound {
  static open = new Set<FakeSound>();
  readonly timestamp: number;
  readonly duration = 20_000;
  readonly sampleRate: number;
  readonly numberOfChannels = 1;

  constructor(timestamp: number, sampleRate = 48000) {
    this.timestamp = timestamp;
    this.sampleRate = sampleRate;
    FakeSound.open.add(this);
  }

  close(): void {
    FakeSound.open.delete(this);
  }
}

interface Callbacks {
  output: (chunk: object, metadata?: object) => void;
  error: (error: Error) => void;
}

export class FakeEncoder {
  /** Happens when a page asks what an encoder can. */
  static asked: () => void = () => {};

  static async isConfigSupported({ width = 0 }: { width?: number }) {
    FakeEncoder.asked();
    return { supported: width <= 4096 };
  }

  state = "unconfigured";
  encodeQueueSize = 0;
  readonly configs: { width?: number; height?: number; sampleRate?: number }[] = [];
  protected readonly callbacks: Callbacks;

  constructor(callbacks: Callbacks) {
    this.callbacks = callbacks;
  }

  configure(config: object): void {
    this.state = "configured";
    this.configs.push(config);
  }

  reset(): void {
    this.state = "unconfigured";
  }

  close(): void {
    this.state = "closed";
  }

  fail(message: string): void {
    this.state = "closed";
    this.callbacks.error(new Error(message));
  }

  protected output(type: string, timestamp: number, bytes: number[], metadata?: object): void {
    const copyTo = (to: Uint8Array) => to.set(bytes);
    queueMicrotask(() => this.callbacks.output({ type, timestamp, byteLength: bytes.length, copyTo }, metadata));
  }
}

/** Makes VP8: key frames of 160x120 and others, each with the number of the picture in it. */
export class FakeVideoEncoder extends FakeEncoder {
  static last: FakeVideoEncoder;
  #count = 0;

  constructor(callbacks: Callbacks) {
    super(callbacks);
    FakeVideoEncoder.last = this;
  }

  encode(frame: FakeFrame, { keyFrame }: { keyFrame: boolean }): void {
    const number = this.#count++;
    if (keyFrame) this.output("key", frame.timestamp, [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 160, 0, 120, 0, number], { decoderConfig: { codec: "vp8" } });
    else this.output("delta", frame.timestamp, [0x11, number]);
  }
}

export class FakeAudioEncoder extends FakeEncoder {
  static last: FakeAudioEncoder;

  constructor(callbacks: Callbacks) {
    super(callbacks);
    FakeAudioEncoder.last = this;
  }

  encode(sound: FakeSound): void {
    this.output("key", sound.timestamp, [0x78, 1, 2]); // CELT, 20 ms
  }
}

/** Makes the test's process such a browser. */
export function installBrowser(): void {
  const Processor = class {
    readonly readable: ReadableStream;
    constructor({ track }: { track: FakeTrack }) {
      this.readable = track.readable;
    }
  };
  const parts = { VideoEncoder: FakeVideoEncoder, AudioEncoder: FakeAudioEncoder, VideoFrame: FakeFrame, MediaStreamTrackProcessor: Processor };
  Object.assign(globalThis, parts, { isSecureContext: true });
  FakeEncoder.asked = () => {};
  FakeFrame.open.clear();
  FakeSound.open.clear();
}

/** A MediaStream of tracks. */
export function streamOf(...tracks: FakeTrack[]): MediaStream {
  const of = (kind: string) => () => tracks.filter((track) => track.kind === kind);
  return { getVideoTracks: of("video"), getAudioTracks: of("audio") } as unknown as MediaStream;
}
