/** One thing that was exchanged: a message of RTSP, or a packet of RTP or RTCP; or a note about it, a sentence in UTF-8. */
export interface Seen {
  /** Milliseconds since 1970, with fractions. */
  at: number;
  sent: boolean;
  kind: "message" | "rtp" | "rtcp" | "note";
  /** Of packets. */
  track: number;
  /** UDP or TCP; of packets. */
  lower: string;
  /** Interleaved channel; of packets over TCP. */
  channel: number;
  /** host:port; "" where it is not known. */
  local: string;
  remote: string;
  data: Uint8Array;
}

/** What can be looked at: listen is told of everything from now on, until the function that it returns is called. */
export interface Source {
  /** Whether addresses, ports and times are those of the network, and not of this page. */
  readonly exact: boolean;
  listen(seen: (s: Seen) => void, lost: (count: number) => void): () => void;
}
