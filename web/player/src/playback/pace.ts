const window = 256; // units that the spread is taken from
const share = 0.95; // of the units come in time
const stall = 0.25; // seconds late that are no jitter any more
const calm = 0.012; // seconds of jitter that nobody sees
const shrink = 0.05; // seconds that the delay gets less in a second
const shrinkSound = 0.008; // and with sound, which follows slowly
const memory = 2; // seconds, of each of the parts whose minimum the floor is
const parts = 3;
const furthestAhead = 5; // seconds that stored media may be ahead of their time

export interface PaceOptions {
  live: boolean;
  /** Seconds between the first arrival and the picture at the least, and at the most. */
  least: number;
  most: number;
}

/**
 * When what is on the line is due. Units come with a transit time, which is the least when nothing holds them up: that is the
 * floor. Above it is the delay, which grows at once with the jitter and shrinks slowly. With live media the floor is what came
 * quickest in the last seconds; so what was late for good is the usual soon, and after a stall all is as before. Stored media
 * are sent at their pace, or ahead of it: there the first unit makes the floor, and only what comes too late moves it.
 * Times are in ms, those of the line in seconds. It knows no clock.
 */
export class Pace {
  readonly #live: boolean;
  readonly #most: number;
  readonly #least: number;
  #extra = 0;
  #floors: { floor: number; until: number }[] = [];
  #base: number | undefined;
  #late: number[] = [];
  #next = 0;
  #stalled = false;
  #delay: number;
  #changed: number | undefined;

  constructor({ live, least, most }: PaceOptions) {
    this.#live = live;
    this.#most = most;
    this.#least = this.#delay = least;
  }

  /** Seconds that units wait above the quickest. */
  get delay(): number {
    return this.#delay;
  }

  /** Seconds that units wait above the jitter, as sound has to. */
  set extra(seconds: number) {
    this.#extra = seconds;
  }

  /** A unit of the line came. */
  arrive(line: number, at: number): void {
    const transit = at / 1000 - line;
    if (this.#live) this.#follow(transit, at);
    else this.#hold(transit);
    this.#observe(transit - this.#base!, at);
  }

  /** What came is decoded: only with sound, which waits for nobody, the picture has to be in time. */
  decoded(line: number, at: number): void {
    if (this.#base !== undefined && this.#extra > 0) this.#observe(at / 1000 - line - this.#base, at);
  }

  /** When a moment of the line is due; undefined before the first arrival. */
  due(line: number): number | undefined {
    return this.#base === undefined ? undefined : (this.#base + line + this.#delay) * 1000;
  }

  /** Which moment of the line is due. */
  line(at: number): number | undefined {
    return this.#base === undefined ? undefined : at / 1000 - this.#base - this.#delay;
  }

  begin(): void {
    this.#floors = [];
    this.#base = this.#changed = undefined;
    this.#late = [];
    this.#next = 0;
    this.#stalled = false;
    this.#delay = this.#least;
  }

  #follow(transit: number, at: number): void {
    const newest = this.#floors.at(-1);
    if (!newest || at >= newest.until) {
      this.#floors.push({ floor: transit, until: at + memory * 1000 });
      if (this.#floors.length > parts) this.#floors.shift();
    } else {
      newest.floor = Math.min(newest.floor, transit);
    }
    this.#base = Math.min(...this.#floors.map(({ floor }) => floor));
  }

  #hold(transit: number): void {
    this.#base ??= transit;
    const slack = this.#base + this.#delay - transit;
    if (slack < -stall) this.#base = transit; // the server has stopped for a while
    else if (slack > furthestAhead) this.#base = transit + furthestAhead - this.#delay;
  }

  /** Takes how late a unit is above the floor into account. */
  #observe(late: number, at: number): void {
    if (late > Math.max(stall, this.#most)) this.#stalled = true;
    else if (late <= this.#delay + calm) this.#stalled = false;
    if (this.#stalled) return; // what catches up says nothing of the jitter
    this.#late[this.#next] = late;
    this.#next = (this.#next + 1) % window;
    this.#settle(at);
  }

  #settle(at: number): void {
    const jitter = quantile(this.#late, share);
    const target = Math.max(this.#least, Math.min((jitter <= calm ? 0 : jitter) + this.#extra, this.#most));
    const passed = Math.max(0, at - (this.#changed ?? at)) / 1000;
    this.#changed = at;
    this.#delay = Math.max(target, this.#delay - (this.#extra > 0 ? shrinkSound : shrink) * passed);
  }
}

function quantile(values: number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}
