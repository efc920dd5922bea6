const bend = 0.01; // the part by which sound may be played faster or slower without being heard
const fine = 0.008; // seconds off that nobody notices
const coarse = 0.06; // seconds off that are mended at once
const ahead = 0.005; // seconds in which a sound can still be begun in time
const furthest = 30; // seconds: what is due later is of another time

/** What to do with a piece of sound: when it begins, and how fast it is played. */
export interface Slot {
  start: number;
  rate: number;
}

/**
 * Places pieces of sound one behind the other, without gaps as long as they are about in time: small differences, as of clocks
 * that drift, are played away; large ones, as after a stall, become a gap, or sound that is left out. Times are seconds of
 * the context's clock.
 */
export class Schedule {
  #end: number | undefined;
  #bending = 0;

  /** When what was placed ends; undefined if nothing is. */
  get end(): number | undefined {
    return this.#end;
  }

  /** Places a piece that is due at a time; undefined if it is too late for it. */
  place(due: number, duration: number, now: number): Slot | undefined {
    if (due > now + furthest) return undefined;
    const end = this.#end;
    const off = end === undefined ? Infinity : due - end; // positive: what was placed ends too early
    if (end === undefined || Math.abs(off) > coarse || end < now) return this.#anew(due, duration, now);
    if (Math.abs(off) > fine) this.#bending = -Math.sign(off) * bend;
    else if (Math.abs(off) < fine / 4) this.#bending = 0;
    const rate = 1 + this.#bending;
    this.#end = end + duration / rate;
    return { start: end, rate };
  }

  begin(): void {
    this.#end = undefined;
    this.#bending = 0;
  }

  #anew(due: number, duration: number, now: number): Slot | undefined {
    if (due < now) return undefined;
    const start = Math.max(due, now + ahead, Math.min(this.#end ?? 0, due + coarse));
    this.#bending = 0;
    this.#end = start + duration;
    return { start, rate: 1 };
  }
}
