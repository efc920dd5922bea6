import { Schedule } from "./schedule.ts";

export interface SpeakerOptions {
  /** Samples a second of the sound that is expected. */
  sampleRate: number;
  /** One of the page, which it closes itself. */
  context?: AudioContext | undefined;
  /** When a moment of the line is due, in ms; undefined while nothing says so. */
  due(line: number): number | undefined;
  /** ms, on the clock of due. */
  now(): number;
}

const spare = 0.02; // seconds that the page may be busy with other things
const most = 512; // pieces of sound that are placed at a time

/** Plays pieces of sound when they are due, by Web Audio: through a gain and an analyser. */
export class Speaker {
  readonly context: AudioContext;
  readonly gain: GainNode;
  readonly analyser: AnalyserNode;
  readonly #options: SpeakerOptions;
  readonly #schedule = new Schedule();
  readonly #playing = new Set<AudioBufferSourceNode>();
  /** A moment of the line, and when the context plays it. */
  #mark: { line: number; time: number } | undefined;
  /** Pieces that came too late. */
  dropped = 0;

  constructor(options: SpeakerOptions) {
    this.#options = options;
    // Rates that a device has are left as they are; low ones are whole parts of 48 kHz, so that pieces join without a click.
    this.context = options.context ?? new AudioContext({ latencyHint: "interactive", sampleRate: options.sampleRate >= 32000 ? options.sampleRate : 48000 });
    this.gain = this.context.createGain();
    this.analyser = this.context.createAnalyser();
    this.gain.connect(this.analyser).connect(this.context.destination);
  }

  /** Autoplay policies may forbid sound until somebody has touched the page. */
  get running(): boolean {
    return this.context.state === "running";
  }

  /** Tries to sound; it may take until somebody touches the page. */
  resume(): void {
    if (this.context.state === "suspended") this.context.resume().catch(() => {}); // closed meanwhile
  }

  /** Samples for a piece of sound: one array a channel is to be filled. */
  buffer(channels: number, frames: number, sampleRate: number): AudioBuffer {
    return this.context.createBuffer(channels, frames, sampleRate);
  }

  /** Plays a piece of a moment of the line. */
  play(line: number, sound: AudioBuffer): void {
    const due = this.#options.due(line);
    if (due === undefined || !this.running || this.#playing.size >= most) return;
    const now = this.context.currentTime;
    const wanted = now + (due - this.#options.now()) / 1000 - this.#latency;
    const slot = this.#schedule.place(wanted, sound.duration, now);
    if (slot === undefined) return void this.dropped++;
    const source = this.context.createBufferSource();
    source.buffer = sound;
    source.playbackRate.value = slot.rate;
    source.connect(this.gain);
    source.onended = () => {
      this.#playing.delete(source);
      source.disconnect();
    };
    source.start(slot.start);
    this.#playing.add(source);
    this.#mark = { line, time: slot.start };
  }

  /** The moment of the line that is heard now; undefined in silence. */
  get line(): number | undefined {
    const end = this.#schedule.end;
    const heard = this.context.currentTime - this.#latency;
    if (!this.running || this.#mark === undefined || end === undefined || heard > end) return undefined;
    return this.#mark.line + heard - this.#mark.time;
  }

  /** Seconds of sound that are placed and not yet played. */
  get buffered(): number {
    return Math.max(0, (this.#schedule.end ?? 0) - this.context.currentTime);
  }

  /** Seconds before it is due that a piece of sound has to come. */
  get lead(): number {
    return spare + this.#latency;
  }

  /** Silence, at once. */
  begin(): void {
    for (const source of this.#playing) {
      source.onended = null;
      source.stop();
      source.disconnect();
    }
    this.#playing.clear();
    this.#schedule.begin();
    this.#mark = undefined;
  }

  close(): void {
    this.begin();
    this.gain.disconnect();
    this.analyser.disconnect();
    if (!this.#options.context) this.context.close().catch(() => {}); // closed already
  }

  /** Seconds between the context's clock and the ear. */
  get #latency(): number {
    return this.context.outputLatency || this.context.baseLatency || 0;
  }
}
