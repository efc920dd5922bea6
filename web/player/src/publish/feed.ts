import type { SourceClock } from "./clock.ts";
import type { RtpFormat } from "./sdp.ts";

/** What an encoder made, cut for RTP. */
export interface EncodedUnit {
  payloads: Uint8Array[];
  /** In µs, of the source. */
  timestamp: number;
}

/** One track of a source that is being encoded. */
export interface Feed {
  readonly clock: SourceClock;
  /** Resolves when the encoder has said what readers must know. It never rejects: then run does. */
  readonly format: Promise<RtpFormat>;
  /** Encodes until the track has ended or the feed is closed. It rejects if encoding fails. */
  run(): Promise<void>;
  /** From here on what is encoded goes out, at once something that decoding can begin with. */
  begin(send: (unit: EncodedUnit) => void): void;
  close(): void;
}

/** How far behind the network is, by what waits to be sent. */
export type Congestion = "none" | "pictures" | "all";
