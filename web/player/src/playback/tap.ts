/**
 * Leads the sound of a media element through Web Audio, where it can be looked at. It does so only when somebody asks, and the
 * browser lets pages sound: an element whose sound goes into a context that stands still would stand still too.
 */
export class Tap {
  readonly #element: HTMLMediaElement;
  readonly #given: AudioContext | undefined;
  #context: AudioContext | undefined;
  #nodes: { gain: GainNode; analyser: AnalyserNode } | undefined;
  #closed = false;

  /** A context that is given is not closed. */
  constructor(element: HTMLMediaElement, context: AudioContext | undefined) {
    this.#element = element;
    this.#given = context;
  }

  /** What the sound goes through; undefined until the browser allows it: ask again later. */
  get nodes(): { gain: GainNode; analyser: AnalyserNode } | undefined {
    if (this.#nodes || this.#closed) return this.#nodes;
    const context = (this.#context ??= this.#given ?? new AudioContext());
    if (context.state === "running") return (this.#nodes = this.#connect(context));
    if (context.state === "suspended") context.resume().catch(() => {}); // closed meanwhile
    return undefined;
  }

  close(): void {
    this.#closed = true;
    this.#nodes?.gain.disconnect();
    this.#nodes?.analyser.disconnect();
    if (this.#context && this.#context !== this.#given) this.#context.close().catch(() => {}); // closed already
    this.#context = this.#nodes = undefined;
  }

  #connect(context: AudioContext): { gain: GainNode; analyser: AnalyserNode } {
    const gain = context.createGain();
    const analyser = context.createAnalyser();
    context.createMediaElementSource(this.#element).connect(gain).connect(analyser).connect(context.destination);
    return { gain, analyser };
  }
}
