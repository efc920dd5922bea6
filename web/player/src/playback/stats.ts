import type { AudioPath, VideoPath } from "./support.ts";

/** What a playback did and does. */
export interface PlaybackStats {
  path: VideoPath;
  audioPath: AudioPath;
  /** Pixels. */
  width: number;
  height: number;
  framesDecoded: number;
  /** Pictures that should have been seen and were not, since the page or the machine was behind. */
  framesDropped: number;
  /** Pictures left out until it was in step, 3 s at most: what comes first is older than what is live, and only there to be decoded. */
  framesSkipped: number;
  framesShown: number;
  /** Bits a second of packets, over the last seconds. */
  bitrate: number;
  /** Seconds of media that wait. */
  buffered: number;
  /** Seconds from the sender's clock in its reports to the picture; undefined without reports, or when they are not plausible. */
  latency: number | undefined;
  /** Seconds that the picture is ahead of the sound; undefined without either. */
  avOffset: number | undefined;
  /** Packets. */
  lost: number;
  /** Seconds (RFC 3550 section 6.4.1), of the worst track. */
  jitter: number;
}

const span = 3000; // ms that the rate is taken over
const slice = 250; // ms

/** Bits a second, over the last three seconds. */
export class Bitrate {
  #slices: { at: number; bytes: number }[] = [];
  #since: number | undefined;

  add(bytes: number, at: number): void {
    this.#since ??= at;
    const newest = this.#slices.at(-1);
    if (newest && at - newest.at < slice) newest.bytes += bytes;
    else this.#slices.push({ at, bytes });
    this.#forget(at);
  }

  at(now: number): number {
    this.#forget(now);
    const time = Math.min(span, now - (this.#since ?? now));
    const bytes = this.#slices.reduce((sum, slice) => sum + slice.bytes, 0);
    return time > 0 ? (bytes * 8000) / time : 0;
  }

  #forget(now: number): void {
    while (this.#slices.length > 0 && this.#slices[0]!.at < now - span) this.#slices.shift();
  }
}
