const fresh = 0.1; // seconds late that a picture may be and still be in time
const calm = 500; // ms in which all are in time and none is left out, after which it has caught up
const longest = 3000; // ms: who takes longer is not catching up, but too slow

/**
 * Tells pictures that are left out from those that were never to be seen: whoever comes to live media gets the pictures since the
 * last key picture at once, because the newest needs them, and is in time a moment later. It is told how many were left out in all,
 * and knows no clock.
 */
export class Opening {
  /** How many had been left out when it began, and when that was, in ms; undefined: it has caught up. */
  #open: { total: number; since: number } | undefined;
  /** How many had been left out when all began to be in time. */
  #last = 0;
  #calmSince = 0;
  /** Pictures of the openings before. */
  #skipped = 0;

  /** What follows has nothing to do with what came before. */
  begin(total: number, now: number): void {
    this.#close(total);
    this.#open = { total, since: now };
    this.#last = total;
    this.#calmSince = now;
  }

  /** How late a picture is that came now, in seconds; undefined: it is not known when it is due. */
  look(total: number, late: number | undefined, now: number): void {
    if (!this.#open) return;
    if (late === undefined || late > fresh || total !== this.#last) this.#calmSince = now;
    this.#last = total;
    if (now - this.#calmSince >= calm || now - this.#open.since >= longest) this.#close(total);
  }

  /** Of all that were left out those that were never to be seen. */
  skipped(total: number): number {
    return this.#skipped + (this.#open ? total - this.#open.total : 0);
  }

  #close(total: number): void {
    this.#skipped = this.skipped(total);
    this.#open = undefined;
  }
}
