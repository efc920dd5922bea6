import type { EncodedUnit, Feed } from "./feed.ts";
import { RtpWriter } from "./rtp.ts";
import { payloadTypeOf, type RtpFormat } from "./sdp.ts";

/** Where packets go: an RtspClient that records. */
export interface Connection {
  send(track: number, rtcp: boolean, packet: Uint8Array): void;
}

/** One track on its way from its feed to the server. */
export class Outgoing {
  readonly #connection: Connection;
  readonly #track: number;
  readonly #feed: Feed;
  readonly #rtp: RtpWriter;
  /** CNAME. */
  readonly #name: string;

  constructor(connection: Connection, track: number, feed: Feed, format: RtpFormat, name: string) {
    this.#connection = connection;
    this.#track = track;
    this.#feed = feed;
    this.#rtp = new RtpWriter(payloadTypeOf(track), format.clockRate, format.kind === "video");
    this.#name = name;
  }

  /** Bytes of payload so far. */
  get bytes(): number {
    return this.#rtp.bytes;
  }

  /** Packets go out from here on. */
  begin(): void {
    this.#feed.begin((unit) => this.#send(unit));
  }

  /** Sends a sender report, which tells readers how the tracks go together; with `bye`, that it was the last. */
  report(bye = false): void {
    const now = performance.now();
    const timestamp = this.#feed.clock.timestampAt(now);
    if (timestamp === undefined) return;
    this.#connection.send(this.#track, true, this.#rtp.report(timestamp, performance.timeOrigin + now, this.#name, bye));
  }

  #send({ payloads, timestamp }: EncodedUnit): void {
    const first = this.#rtp.packets === 0;
    for (const packet of this.#rtp.unit(payloads, timestamp)) this.#connection.send(this.#track, false, packet);
    if (first) this.report(); // readers need not wait five seconds to be in sync
  }
}
