import type { AudioConfig, CodecConfig, VideoConfig } from "../types.ts";
import { ElementWriter } from "./element.ts";

/** The MIME type that addSourceBuffer and isTypeSupported want: `video/webm; codecs="vp8"`. */
export function mime(config: CodecConfig): string {
  return `${config.kind}/webm; codecs="${config.codec}"`;
}

/**
 * Makes what is in front of the clusters (RFC 9559): a segment without an end, with one track of VP8, VP9 or Opus.
 * @throws RangeError for other formats, and for Opus that is neither mono nor stereo
 */
export function initSegment(config: VideoConfig | AudioConfig): Uint8Array<ArrayBuffer> {
  const w = new ElementWriter();
  w.master(0x1a45dfa3, () => { // EBML
    w.text(0x4282, "webm"); // DocType
    w.uint(0x4287, 4); // DocTypeVersion
    w.uint(0x4285, 2); // DocTypeReadVersion
  });
  w.endless(0x18538067); // Segment
  w.master(0x1549a966, () => { // Info
    w.uint(0x2ad7b1, 1_000_000); // TimestampScale: milliseconds
    w.text(0x4d80, "Baton"); // MuxingApp
    w.text(0x5741, "Baton"); // WritingApp
  });
  w.master(0x1654ae6b, () => w.master(0xae, () => trackEntry(w, config))); // Tracks
  return w.finish();
}

function trackEntry(w: ElementWriter, config: CodecConfig): void {
  w.uint(0xd7, 1); // TrackNumber
  w.uint(0x73c5, 1); // TrackUID
  w.uint(0x83, config.kind === "video" ? 1 : 2); // TrackType
  w.uint(0x9c, 0); // FlagLacing
  switch (config.format) {
    case "vp8":
      return video(w, config, "V_VP8");
    case "vp9":
      return video(w, config, "V_VP9");
    case "opus":
      return opus(w, config);
    default:
      throw new RangeError(`webm: no ${config.format}`);
  }
}

function video(w: ElementWriter, config: VideoConfig, codec: string): void {
  w.text(0x86, codec); // CodecID
  w.master(0xe0, () => { // Video
    w.uint(0xb0, config.width); // PixelWidth
    w.uint(0xba, config.height); // PixelHeight
  });
}

function opus(w: ElementWriter, config: AudioConfig): void {
  if (config.channels < 1 || config.channels > 2) throw new RangeError(`webm: opus with ${config.channels} channels`);
  w.text(0x86, "A_OPUS"); // CodecID
  w.binary(0x63a2, opusHead(config)); // CodecPrivate
  w.uint(0x56aa, 0); // CodecDelay: RTP has no samples to skip
  w.uint(0x56bb, 80_000_000); // SeekPreRoll: 80 ms, as Opus needs to settle
  w.master(0xe1, () => { // Audio
    w.float(0xb5, config.sampleRate); // SamplingFrequency
    w.uint(0x9f, config.channels); // Channels
  });
}

/** RFC 7845 section 5.1, the only one that is little-endian here. */
function opusHead(config: AudioConfig): Uint8Array {
  const head = new Uint8Array(19); // no pre-skip, no gain, mapping family 0
  const view = new DataView(head.buffer);
  head.set(Array.from("OpusHead", (letter) => letter.charCodeAt(0)));
  view.setUint8(8, 1); // version
  view.setUint8(9, config.channels);
  view.setUint32(12, config.sampleRate, true);
  return head;
}
