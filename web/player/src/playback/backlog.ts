import type { Unit, VideoConfig } from "../types.ts";

export interface Waiting {
  unit: Unit;
  line: number;
  config: VideoConfig;
}

const most = 1024; // units
const mostBytes = 32 << 20;

/** Units that wait for the decoder. What has no room goes together with all that needs it: up to the next key picture. */
export class Backlog {
  #waiting: Waiting[] = [];
  #bytes = 0;
  #skipping = false;
  dropped = 0;

  get length(): number {
    return this.#waiting.length;
  }

  /** Seconds. */
  get span(): number {
    return this.#waiting.length === 0 ? 0 : this.#waiting.at(-1)!.line - this.#waiting[0]!.line;
  }

  add(waiting: Waiting): void {
    if (waiting.unit.key) this.#skipping = false;
    const full = this.#waiting.length >= most || this.#bytes + waiting.unit.data.length > mostBytes;
    if (full && waiting.unit.key) this.#forget(); // it is newer, and needs none of them
    else if (full) this.#skipping = true;
    if (this.#skipping) return void this.dropped++;
    this.#waiting.push(waiting);
    this.#bytes += waiting.unit.data.length;
  }

  peek(): Waiting | undefined {
    return this.#waiting[0];
  }

  shift(): Waiting | undefined {
    const first = this.#waiting.shift();
    if (first) this.#bytes -= first.unit.data.length;
    return first;
  }

  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
    this.#skipping = false;
  }

  #forget(): void {
    this.dropped += this.#waiting.length;
    this.clear();
  }
}
