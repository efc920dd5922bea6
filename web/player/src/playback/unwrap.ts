/** Makes RTP timestamps of 32 bits a count that goes on: ticks since an anchor, negative before it. */
export class Unwrapper {
  #last: number | undefined;
  #ticks = 0;

  /** Where the count is 0; undefined: at the next timestamp. */
  constructor(anchor?: number) {
    this.#last = anchor;
  }

  /** The ticks of a timestamp; it may be less than half of the circle from the one before. */
  unwrap(timestamp: number): number {
    this.#ticks += this.#last === undefined ? 0 : (timestamp - this.#last) | 0;
    this.#last = timestamp;
    return this.#ticks;
  }

  /** The ticks of a timestamp, but what comes is not counted from it. Undefined before there was any. */
  peek(timestamp: number): number | undefined {
    return this.#last === undefined ? undefined : this.#ticks + ((timestamp - this.#last) | 0);
  }
}
