/** Bytes that came and were not yet taken. What was given out is never written again, so it can be kept. */
export class ByteBuffer {
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #end = 0;
  /** The memory is the buffer's own, and may be written behind the end. */
  #owned = false;

  get length(): number {
    return this.#end - this.#start;
  }

  /** The byte at an index; undefined behind the end. */
  at(index: number): number | undefined {
    return index < this.length ? this.#bytes[this.#start + index] : undefined;
  }

  /** Bytes as a view. */
  view(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(this.#start + from, Math.min(this.#start + to, this.#end));
  }

  drop(count: number): void {
    this.#start += count;
  }

  /** Takes a chunk, which becomes the buffer's: without a copy when nothing waits. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      [this.#bytes, this.#start, this.#end, this.#owned] = [chunk, 0, chunk.length, false];
      return;
    }
    if (!this.#owned || this.#end + chunk.length > this.#bytes.length) this.#grow(this.length + chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Twice the room that is needed: chunks of one byte cost no more than their sum. */
  #grow(needed: number): void {
    const bytes = new Uint8Array(2 * needed);
    const length = this.length;
    bytes.set(this.view(0, length));
    [this.#bytes, this.#start, this.#end, this.#owned] = [bytes, 0, length, true];
  }
}
