import type { Unit } from "../types.ts";
import { Assembly } from "./assembly.ts";

/**
 * The picture that is being put together, and whether what comes can be decoded. A format says what it finds in the packets;
 * here is decided what comes out: nothing damaged, and after a loss nothing until a key picture.
 */
export class Pictures {
  readonly data = new Assembly();
  /** Decoding can begin with this picture. */
  key = false;
  /** Key, but pictures that are shown before it may follow it, and need what was before: an open group of pictures. */
  open = false;
  /** No other picture needs this one. */
  disposable = false;

  #begun = false;
  #timestamp = 0;
  #damaged = false;
  #startMissing = false;
  /** Packets are missing in front of the next picture. */
  #gap = false;
  /** What comes needs pictures that are lost. */
  #waiting = true;
  /** Where decoding began in an open group; what is shown before it cannot be decoded. */
  #openedAt: number | undefined;

  /** Packets are missing in front of one of this timestamp. */
  lose(timestamp: number): void {
    const inside = this.#begun && timestamp === this.#timestamp;
    if (!(inside && this.disposable)) this.#waiting = true;
    if (this.#begun) this.#damaged = true;
    if (!inside) this.#gap = true;
  }

  /** A packet of this timestamp is of another picture than the one begun. */
  endsBefore(timestamp: number): boolean {
    return this.#begun && timestamp !== this.#timestamp;
  }

  /** A packet of this timestamp is here: its picture begins, unless it has begun. */
  begin(timestamp: number): void {
    if (this.#begun) return;
    this.#clear();
    this.#begun = true;
    this.#timestamp = timestamp;
    this.#startMissing = this.#gap;
    this.#gap = false;
  }

  /** The picture's beginning is here for certain: packets lost before it belonged to another. */
  started(): void {
    this.#startMissing = false;
  }

  /** Something of the picture is missing or makes no sense. */
  damage(): void {
    this.#damaged = true;
  }

  /** The picture is all here. It is returned if it is whole, can be decoded, and a decoder can be set up. */
  end(configured: boolean): Unit | undefined {
    if (!this.#begun) return undefined;
    this.#begun = false;
    const whole = !this.#damaged && !this.#startMissing && !this.data.overflowed && this.data.length > 0;
    if (!whole || !configured) {
      if (!this.disposable || !configured) this.#waiting = true;
      this.#clear();
      return undefined;
    }
    const unit = this.#decodable() ? this.#unit() : undefined;
    this.#clear();
    return unit;
  }

  /** The picture was none: nothing comes out, and nothing is missed. */
  forget(): void {
    this.#begun = false;
    if (this.#damaged) this.#waiting = true;
    this.#clear();
  }

  #decodable(): boolean {
    if (this.key) {
      this.#openedAt = this.open && this.#waiting ? this.#timestamp : undefined;
      this.#waiting = false;
    }
    if (this.#waiting) return false;
    if (this.#openedAt === undefined) return true;
    const later = (this.#timestamp - this.#openedAt) | 0;
    if (later > 0) this.#openedAt = undefined; // what is shown before comes before what is shown after
    return later >= 0;
  }

  #unit(): Unit {
    return { data: this.data.copy(), timestamp: this.#timestamp, key: this.key, duration: 0 };
  }

  #clear(): void {
    this.data.clear();
    this.key = this.open = this.disposable = false;
    this.#damaged = this.#startMissing = false;
  }
}
