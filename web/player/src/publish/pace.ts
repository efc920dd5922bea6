/** Decides which pictures are encoded, and which of them are key. Times are the pictures' own, in µs. */
export class Pace {
  readonly #interval: number;
  readonly #keyInterval: number;
  #last = -Infinity;
  #due = -Infinity;
  #lastKey = -Infinity;
  #keyWanted = true;

  /** Framerate is the most pictures a second, Infinity if all may pass; keyInterval is in seconds. */
  constructor(framerate: number, keyInterval: number) {
    this.#interval = 1e6 / framerate;
    this.#keyInterval = keyInterval * 1e6;
  }

  /** The next picture that is encoded is key. */
  wantKey(): void {
    this.#keyWanted = true;
  }

  /** What happens to the next picture. Congested says that those before it have not left yet: better none than a late one. */
  next(timestamp: number, congested: boolean): "drop" | "delta" | "key" {
    if (timestamp <= this.#last || congested) return "drop";
    // Sources are not punctual: one that comes a bit early is the one that is due.
    if (timestamp < this.#due - this.#interval / 4) return "drop";
    const late = timestamp > this.#due + this.#interval;
    this.#due = (late ? timestamp : this.#due) + this.#interval;
    this.#last = timestamp;
    if (!this.#keyWanted && timestamp - this.#lastKey < this.#keyInterval) return "delta";
    this.#keyWanted = false;
    this.#lastKey = timestamp;
    return "key";
  }
}
