/** Seconds that are buffered without a hole. */
export interface Span {
  start: number;
  end: number;
}

/** What a media element should do: go somewhere, or play at a rate. */
export interface Move {
  seek?: number;
  rate: number;
}

const near = 0.03; // seconds around the target in which all is well
const quick = 1.1; // rates that are hardly heard
const slow = 0.94;
const far = 1; // seconds behind the target from where a jump is better than to catch up
const storedFar = 8; // of stored media, which may well be sent ahead
const stumble = 0.06; // seconds more ahead after it has run dry
const mostStumbles = 0.3; // seconds
const recovery = 0.006; // seconds that it is less in a second without
const step = 0.02; // seconds into a span, so that rounding does not miss it

/** Keeps a media element near the end of what is buffered: live media do not get old, and stored media do not run dry. */
export class Edge {
  readonly #live: boolean;
  #rate = 1;
  /** Seconds above the target, for what the browser needs and does not tell. */
  #caution = 0;
  #changed: number | undefined;

  constructor(live: boolean) {
    this.#live = live;
  }

  /** The element has run dry, at a time in ms. */
  stumbled(now: number): void {
    this.#caution = Math.min(this.#cautionAt(now) + stumble, mostStumbles);
  }

  /** What to do at a time of the element, to have target seconds buffered ahead of it. Spans are in order; now is in ms. */
  move(time: number, spans: Span[], wanted: number, now: number): Move {
    const target = wanted + this.#cautionAt(now);
    const span = spans.find(({ start, end }) => time >= start - step && time <= end);
    const last = spans.at(-1);
    if (last === undefined) return { rate: (this.#rate = 1) };
    if (span === undefined) return this.#enter(time, spans, target);
    if (this.#live && span !== last) return this.#jump(last, target); // behind a hole is what is live
    const ahead = span.end - time;
    if (ahead > target + (this.#live ? far : storedFar)) return this.#jump(span, target);
    return { rate: this.#steer(ahead, target) };
  }

  #cautionAt(now: number): number {
    this.#caution = Math.max(0, this.#caution - (recovery * (now - (this.#changed ?? now))) / 1000);
    this.#changed = now;
    return this.#caution;
  }

  /** From where nothing is to where something is. */
  #enter(time: number, spans: Span[], target: number): Move {
    const next = spans.find(({ start }) => start > time) ?? spans.at(-1)!;
    if (this.#live) return this.#jump(spans.at(-1)!, target);
    if (next.end < time) return { rate: (this.#rate = 1) }; // it comes yet
    return { seek: Math.min(next.start + step, next.end), rate: (this.#rate = 1) };
  }

  #jump({ start, end }: Span, target: number): Move {
    return { seek: Math.max(end - target, Math.min(start + step, end)), rate: (this.#rate = 1) };
  }

  /** The rate stays until the target is reached, or it would change all the time. */
  #steer(ahead: number, target: number): number {
    const excess = ahead - target;
    const surplus = this.#live ? excess : excess - storedFar / 2;
    if (surplus > 2 * near) this.#rate = quick;
    else if (excess < -target / 2) this.#rate = slow;
    else if ((this.#rate > 1 && surplus <= 0) || (this.#rate < 1 && excess >= -near)) this.#rate = 1;
    return this.#rate;
  }
}
