import type { Unit } from "../types.ts";
import type { Sample } from "./segment.ts";

const deepest = 16; // no picture is moved over more others in H.264 and H.265
const furthestBack = 2; // seconds that reordering explains
const furthestAhead = 10; // seconds that a gap may last

/**
 * Gives decode times to units that have presentation times only, as RTP carries them, and hands each on when it arrives.
 *
 * With pictures reordered over n others, the decode time of a unit is the (n+1)th largest presentation time so far: what a
 * decoder would show at that moment. So it only grows, is never later than the presentation time, and equals it when n is 0.
 *
 * The duration of a unit is not known yet: the shorter of the last two intervals is assumed. Media Source Extensions drop all
 * until the next key picture when a decode time is more than twice the last duration away, so two pictures lost would freeze the
 * rest of their group. Therefore a unit after a gap is decoded where the one before has ended, and lasts longer instead; without
 * reordering it is shown then too, and leaves no hole in what is buffered.
 */
export class Order {
  readonly #clockRate: number;
  /** How far pictures are moved as far as known, and whether it stays so. */
  #depth: number;
  #fixed: boolean;
  /** The largest presentation times so far in rising order, one more than the depth. */
  #latest: number[] = [];
  /** The last two intervals of decode times, in ticks. */
  #intervals: [number, number];
  #target = 0;
  #last: Sample | undefined;

  /**
   * The clock rate is in ticks a second. Depth is what reorderDepth says, 0 for audio, AV1, VP8 and VP9; when it is undefined
   * it is found out: where reordering is seen first, a picture is decoded after it should be shown.
   */
  constructor(clockRate: number, depth: number | undefined) {
    this.#clockRate = clockRate;
    this.#depth = Math.min(depth ?? 0, deepest);
    this.#fixed = depth !== undefined;
    const usual = Math.round(clockRate / 30);
    this.#intervals = [usual, usual];
  }

  /**
   * Takes the next unit in decode order, with its presentation time in ticks: RTP's, but never wrapped, and not negative. Time
   * that jumps, back by more than 2 seconds or ahead by more than 10, starts anew: the segment after it has a discontinuity.
   */
  sample(unit: Unit, pts: number): Sample {
    if (this.#jumps(pts)) this.#forget();
    const first = !this.#last;
    const step = unit.duration || Math.min(...this.#intervals);
    this.#observe(pts, step, unit.key);
    const target = Math.max(0, this.#latest[0] ?? pts);
    if (!first && !unit.duration) this.#measure(target - this.#target);
    this.#target = target;
    return (this.#last = this.#place(unit, pts, target, first));
  }

  #jumps(pts: number): boolean {
    const newest = this.#latest.at(-1);
    if (newest === undefined) return false;
    return pts < newest - furthestBack * this.#clockRate || pts > newest + furthestAhead * this.#clockRate;
  }

  #forget(): void {
    this.#latest = [];
    this.#last = undefined;
  }

  /** Takes a presentation time among the largest, and learns from it how deep reordering is. */
  #observe(pts: number, step: number, key: boolean): void {
    const latest = this.#latest;
    if (latest.length === 0) {
      // What came before is made up, so that the first pictures are decoded one step after the other as well.
      for (let i = this.#depth; i > 0; i--) latest.push(pts - i * step);
      latest.push(pts);
      return;
    }
    if (!this.#fixed && key && this.#depth === 0) this.#fixed = true; // a whole group without reordering
    let at = latest.length;
    while (at > 0 && pts < latest[at - 1]!) at--;
    latest.splice(at, 0, pts);
    const deeper = at === 0 && !this.#fixed && this.#depth < deepest;
    if (deeper) this.#depth++;
    else latest.shift();
  }

  #measure(interval: number): void {
    if (interval > 0) this.#intervals = [this.#intervals[1], interval];
  }

  #place(unit: Unit, pts: number, target: number, first: boolean): Sample {
    const step = unit.duration || Math.min(...this.#intervals);
    let dts = target;
    if (this.#last) {
      dts = Math.min(dts, this.#last.dts + this.#last.duration);
      dts = Math.max(dts, this.#last.dts + 1);
    }
    const ordered = this.#fixed && this.#depth === 0 && !first;
    const duration = Math.max(step, target + step - dts);
    return { data: unit.data, dts, cts: ordered ? 0 : pts - dts, duration, key: unit.key };
  }
}
