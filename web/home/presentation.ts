/** What the API tells of one path, as GET /api/v1/presentations answers it. */
export interface Presentation {
  path: string;
  folder: string;
  kind: "live" | "source" | "clock" | "demo" | "stored";
  /** Whether media comes now. */
  active: boolean;
  /** A file that could not be opened. */
  broken?: boolean;
  tracks: Track[];
  /** Bits a second. */
  bitRate?: number;
  readers: number;
  /** Seconds. */
  duration?: number;
  /** Bytes. */
  size?: number;
}

export interface Track {
  type: string;
  /** The encoding name in RTP. */
  codec: string;
  width?: number;
  height?: number;
  frameRate?: number;
  sampleRate?: number;
  channels?: number;
}

/** An answer of the API. */
export interface Presentations {
  presentations: Presentation[];
  /** How many there are, in the answer or not. */
  total: number;
}
