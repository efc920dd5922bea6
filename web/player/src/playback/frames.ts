/** A picture that was decoded, and must be closed. */
export interface Closable {
  close(): void;
}

/** The pictures that wait for their time. They hold memory of the decoder, so there are few, and each is closed. */
export class Frames<Picture extends Closable> {
  readonly #capacity: number;
  /** In the order they are shown in. */
  #waiting: { line: number; picture: Picture }[] = [];
  /** Pictures that were closed and never taken. */
  dropped = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#waiting.length;
  }

  /** Seconds of the line that wait. */
  get span(): number {
    return this.#waiting.length === 0 ? 0 : this.#waiting.at(-1)!.line - this.#waiting[0]!.line;
  }

  /** Takes over a picture. Without room for it the first one goes: its turn would have been before all others. */
  add(line: number, picture: Picture): void {
    let at = this.#waiting.length;
    while (at > 0 && this.#waiting[at - 1]!.line > line) at--;
    this.#waiting.splice(at, 0, { line, picture });
    if (this.#waiting.length > this.#capacity) this.#drop();
  }

  /** The newest picture of a time up to line, which the caller closes. The older ones are closed. */
  take(line: number): { line: number; picture: Picture } | undefined {
    while (this.#waiting.length > 1 && this.#waiting[1]!.line <= line) this.#drop();
    return this.#waiting.length > 0 && this.#waiting[0]!.line <= line ? this.#waiting.shift() : undefined;
  }

  clear(): void {
    for (const { picture } of this.#waiting) picture.close();
    this.#waiting = [];
  }

  #drop(): void {
    this.#waiting.shift()!.picture.close();
    this.dropped++;
  }
}
