import type { ReportBlock, SenderReport } from "../rtsp/rtcp.ts";
import type { RtpPacket } from "../types.ts";

/** Whether a packet is the next one, the next after a loss, one that came before, or the first of another source. */
export type Arrival = "next" | "gap" | "old" | "restart";

const furthestBack = 100; // packets: what is further behind is another beginning
const furthestAhead = 3000; // packets that may be lost at a time

/** What came of a track, and what did not: the statistics of receiver reports (RFC 3550 sections 6.4.1 and A.8). */
export class Reception {
  readonly #clockRate: number;
  #ssrc = 0;
  /** The first and the highest sequence number, counted on over the wraps; undefined before the first packet. */
  #first = 0;
  #highest: number | undefined;
  #received = 0;
  #lostBefore = 0; // of sources that have ended
  /** Expected and received up to the report before. */
  #reported = { expected: 0, received: 0 };
  #jitter = 0; // ticks
  #transit: number | undefined;
  #report: { word: number; at: number } | undefined;

  constructor(clockRate: number) {
    this.#clockRate = clockRate;
  }

  /** Packets that never came. */
  get lost(): number {
    return this.#lostBefore + Math.max(0, this.#expected - this.#received);
  }

  /** Seconds. */
  get jitter(): number {
    return this.#jitter / this.#clockRate;
  }

  get #expected(): number {
    return this.#highest === undefined ? 0 : this.#highest - this.#first + 1;
  }

  /** Counts a packet that came at a time in ms. */
  packet({ ssrc, sequence, timestamp }: RtpPacket, at: number): Arrival {
    const ahead = this.#highest === undefined ? 0 : ((sequence - this.#highest) << 16) >> 16;
    if (this.#highest === undefined || ssrc !== this.#ssrc || ahead < -furthestBack || ahead > furthestAhead) {
      const first = this.#highest === undefined;
      this.#restart(ssrc, sequence);
      this.#measure(timestamp, at);
      return first ? "next" : "restart";
    }
    this.#received++;
    if (ahead <= 0) return "old";
    this.#highest += ahead;
    this.#measure(timestamp, at);
    return ahead === 1 ? "next" : "gap";
  }

  /** What follows has nothing to do with what came before: sequence numbers that jump are no loss. */
  begin(): void {
    this.#lostBefore = this.lost;
    this.#highest = undefined;
    this.#transit = undefined;
    this.#reported = { expected: 0, received: 0 };
  }

  senderReport({ timeWord: word }: SenderReport, at: number): void {
    this.#report = { word, at };
  }

  /** What a receiver report at a time in ms says; undefined if nothing came. */
  block(at: number): ReportBlock | undefined {
    if (this.#highest === undefined) return undefined;
    const expected = this.#expected - this.#reported.expected;
    const lost = expected - (this.#received - this.#reported.received);
    this.#reported = { expected: this.#expected, received: this.#received };
    return {
      ssrc: this.#ssrc,
      fractionLost: expected > 0 ? Math.min(Math.max(lost / expected, 0), 255 / 256) : 0,
      lost: Math.max(-0x800000, Math.min(this.#expected - this.#received, 0x7fffff)),
      highest: this.#highest >>> 0,
      jitter: Math.round(this.#jitter),
      lastReport: this.#report?.word ?? 0,
      delay: this.#report ? Math.round(((at - this.#report.at) / 1000) * 65536) : 0,
    };
  }

  #restart(ssrc: number, sequence: number): void {
    this.begin();
    this.#ssrc = ssrc;
    this.#first = this.#highest = sequence;
    this.#received = 1;
  }

  #measure(timestamp: number, at: number): void {
    const transit = (Math.round((at * this.#clockRate) / 1000) - timestamp) | 0;
    const change = this.#transit === undefined ? 0 : Math.abs((transit - this.#transit) | 0);
    this.#transit = transit;
    // A jump of the source's clock is none of the network's jitter.
    if (change < this.#clockRate) this.#jitter += (change - this.#jitter) / 16;
  }
}
