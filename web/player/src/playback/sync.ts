/** A moment that a sender report ties to the wall: NTP seconds, and the seconds of the track. */
interface Tie {
  wall: number;
  seconds: number;
}

/** Where a track is on the line of the presentation. */
interface Place {
  /** The line's seconds less the track's. */
  offset: number | undefined;
  /** RTP-Info said so. */
  told: boolean;
  tie: Tie | undefined;
}

const least = 0.015; // seconds: smaller corrections cost more than they are worth
const most = 10; // seconds: what sender reports say beyond it is not believed, and times that jump further are another beginning

/**
 * Puts the times of tracks on one line. Its seconds pass as those of the wall; 0 is where RTP-Info said that PLAY starts, or
 * the first unit. RTP-Info ties the tracks together first; then sender reports do, with live media even where it was told
 * otherwise: clocks of tracks drift apart over hours. What neither ties together began together when it came together.
 */
export class Sync {
  readonly #live: boolean;
  readonly #places: Place[];
  /** The track that others follow: the first on the line. */
  #lead: number | undefined;
  /** The newest unit that was placed: its line and when it came, in seconds. */
  #newest: { line: number; at: number } | undefined;

  constructor(tracks: number, live: boolean) {
    this.#live = live;
    this.#places = Array.from({ length: tracks }, () => ({ offset: undefined, told: false, tie: undefined }));
  }

  /** All begins anew. Of the tracks in told, 0 of the track's seconds is 0 of the line. */
  begin(told: Set<number>): void {
    this.#lead = this.#newest = undefined;
    for (const [track, place] of this.#places.entries()) {
      place.told = told.has(track);
      place.offset = place.told ? 0 : undefined;
      place.tie = undefined;
    }
  }

  /** The line of a unit of a track, at seconds of the track, that came at a time in ms. */
  place(track: number, seconds: number, at: number): number {
    const place = this.#places[track]!;
    this.#lead ??= track;
    if (this.#jumps(place, seconds, at)) place.offset = place.tie = undefined;
    place.offset ??= this.#tied(track) ?? this.#arrived(seconds, at);
    const line = seconds + place.offset;
    this.#newest = { line, at: at / 1000 };
    return line;
  }

  /** A sender report: wall is NTP in seconds, of the same moment as seconds of the track. */
  report(track: number, wall: number, seconds: number): void {
    this.#places[track]!.tie = { wall, seconds };
    for (const [other, place] of this.#places.entries()) {
      if (other === this.#lead || place.offset === undefined || (place.told && !this.#live)) continue;
      const tied = this.#tied(other);
      if (tied !== undefined && Math.abs(tied - place.offset) >= least) place.offset = tied;
    }
  }

  /** When a moment of the line was, by the clock of a track's sender in seconds; undefined without a report. */
  wall(track: number, line: number): number | undefined {
    const { tie, offset } = this.#places[track]!;
    return tie && offset !== undefined ? tie.wall + line - offset - tie.seconds : undefined;
  }

  /** The offset of a track by its own and the lead's reports, where there are both and they are plausible. */
  #tied(track: number): number | undefined {
    const lead = this.#lead === undefined ? undefined : this.#places[this.#lead];
    const own = this.#places[track]!;
    if (!lead?.tie || !own.tie || lead.offset === undefined || lead === own) return undefined;
    const offset = own.tie.wall - own.tie.seconds - (lead.tie.wall - lead.tie.seconds) + lead.offset;
    const now = own.offset ?? (this.#newest && this.#newest.line - own.tie.seconds);
    return now === undefined || Math.abs(offset - now) <= most ? offset : undefined;
  }

  /** Reports whether a track has begun to count anew, as with another source. What stands still for long does not. */
  #jumps({ offset }: Place, seconds: number, at: number): boolean {
    if (offset === undefined || !this.#newest) return false;
    const ahead = seconds + offset - this.#newest.line;
    return ahead < -most || ahead > most + Math.max(0, at / 1000 - this.#newest.at);
  }

  #arrived(seconds: number, at: number): number {
    if (!this.#newest) return -seconds;
    return this.#newest.line + Math.max(0, at / 1000 - this.#newest.at) - seconds;
  }
}
