/** The words the parts of the player share. Nothing here does anything. */

/** One RTP packet (RFC 3550 section 5.1). The payload is a view, valid until the next packet is read. */
export interface RtpPacket {
  marker: boolean;
  payloadType: number;
  /** 16 bits. */
  sequence: number;
  /** 32 bits, in units of the clock rate. */
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
}

/** One medium of a presentation, as its SDP describes it (RFC 8866). */
export interface Media {
  kind: "video" | "audio" | "application";
  payloadType: number;
  /** The encoding name of rtpmap in capitals: H264, MPEG4-GENERIC, OPUS. */
  encoding: string;
  /** Ticks a second of RTP timestamps. */
  clockRate: number;
  /** Of audio; 1 if the SDP does not say. */
  channels: number;
  /** The parameters of fmtp, names in lower case. */
  parameters: Map<string, string>;
  /** The URL SETUP acts on, whole. */
  control: string;
}

/** What a decoder must know before the first unit. A new object means new settings. */
export interface VideoConfig {
  kind: "video";
  format: "h264" | "h265" | "av1" | "vp8" | "vp9" | "jpeg";
  /** As in RFC 6381: avc1.64001F, hvc1.1.6.L93.B0, av01.0.04M.08, vp8, vp09.00.10.08; "jpeg". */
  codec: string;
  /** Pixels. */
  width: number;
  height: number;
  /** The contents of the box avcC, hvcC or av1C; VP8, VP9 and JPEG have none. */
  description?: Uint8Array;
}

export interface AudioConfig {
  kind: "audio";
  format: "aac" | "opus" | "pcm";
  /** As in RFC 6381: mp4a.40.2, opus; "pcm". */
  codec: string;
  /** Samples a second. */
  sampleRate: number;
  channels: number;
  /** AudioSpecificConfig of AAC; OpusHead is made by who needs it. */
  description?: Uint8Array;
}

export type CodecConfig = VideoConfig | AudioConfig;

/**
 * One picture, or one frame of audio. H.264 and H.265 have a length of four bytes in front of each NAL unit, and no
 * parameter sets when the configuration has them; AV1 is a temporal unit of OBUs that have sizes, without temporal delimiters;
 * PCM is interleaved 32-bit floats, in the byte order of the machine.
 */
export interface Unit {
  /** Owned by whoever gets it. */
  data: Uint8Array;
  /** Of RTP, 32 bits. */
  timestamp: number;
  /** Decoding can begin here. */
  key: boolean;
  /** Units of the clock rate, where the format says it; 0 if it does not. */
  duration: number;
}

/** Makes units of the packets of one track. It is used by one track only, and never throws: what is damaged is left out. */
export interface Depacketizer {
  /** Undefined until the SDP or the media have said enough. */
  readonly config: CodecConfig | undefined;
  /** Takes the next packet in order; lost says that packets before it are missing. It returns what became complete. */
  push(packet: RtpPacket, lost: boolean): Unit[];
}
