/** Calls when nothing was said for too long. */
export class KeepAlive {
  readonly #now: () => number;
  readonly #beat: () => void;
  #interval = 0;
  #due = Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(now: () => number, beat: () => void) {
    this.#now = now;
    this.#beat = beat;
  }

  /** Calls when nothing was said for an interval in ms. */
  start(interval: number): void {
    this.#interval = interval;
    this.touch();
  }

  stop(): void {
    clearTimeout(this.#timer);
    [this.#interval, this.#due] = [0, Infinity];
  }

  /** Something was said. */
  touch(): void {
    if (this.#interval === 0) return;
    clearTimeout(this.#timer);
    this.#due = this.#now() + this.#interval;
    this.#timer = setTimeout(() => this.#fire(), this.#interval);
  }

  /** Calls if it is time. Browsers slow the timers of pages that nobody sees, but not what a WebSocket brings. */
  check(now: number): void {
    if (now >= this.#due) this.#fire();
  }

  #fire(): void {
    this.touch();
    this.#beat();
  }
}
