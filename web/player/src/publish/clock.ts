/** How long a window of arrivals is, in ms: after two of them it is forgotten that a source was once faster. */
const window = 5000;

/**
 * Ties the timestamps of a source to the clock of the page. Where timestamps begin each source decides for itself: cameras at the
 * start of the machine, microphones at that of the page, canvases at 0. What is alike is that nothing arrives before it
 * happened: the least delay seen lately is taken for none. It follows clocks that drift, and outlives hiccups of the page.
 */
export class SourceClock {
  #since = -Infinity;
  /** The least arrival minus timestamp, in ms: of this window, and of the one before. */
  #least = Infinity;
  #before = Infinity;

  /** Something with a timestamp in µs arrived at a time of the page, in ms. */
  see(timestamp: number, now: number): void {
    if (now - this.#since >= window) {
      this.#before = this.#least;
      this.#least = Infinity;
      this.#since = now;
    }
    this.#least = Math.min(this.#least, now - timestamp / 1000);
  }

  /** The timestamp, in µs, of a time of the page in ms; undefined before something was seen. */
  timestampAt(now: number): number | undefined {
    const offset = Math.min(this.#least, this.#before);
    return offset === Infinity ? undefined : (now - offset) * 1000;
  }
}
