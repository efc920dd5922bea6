import type { AudioConfig, CodecConfig, VideoConfig } from "../types.ts";
import { BoxWriter } from "./box.ts";
import { sampleEntry } from "./entry.ts";

/** The MIME type that addSourceBuffer and isTypeSupported want: `video/mp4; codecs="avc1.64001F"`. */
export function mime(config: CodecConfig): string {
  return `${config.kind}/mp4; codecs="${config.codec}"`;
}

/**
 * Makes ftyp and moov of a file with one track whose media follow in fragments. The timescale is in ticks a second.
 * @throws RangeError when MP4 in a browser cannot carry the format, or the configuration lacks what its box needs
 */
export function initSegment(config: VideoConfig | AudioConfig, timescale: number): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  w.box("ftyp", () => {
    w.ascii("iso6"); // the brand that has default-base-is-moof and signed offsets
    w.u32(0);
    w.ascii("iso6mp41");
  });
  w.box("moov", () => {
    w.full("mvhd", 0, 0, () => movieHeader(w, timescale));
    w.box("trak", () => track(w, config, timescale));
    w.box("mvex", () => w.full("trex", 0, 0, () => trackDefaults(w)));
  });
  return w.finish();
}

function movieHeader(w: BoxWriter, timescale: number): void {
  w.zeros(8); // times of creation and change
  w.u32(timescale);
  w.u32(0); // duration: that of the fragments
  w.u32(0x00010000); // rate 1
  w.u16(0x0100); // volume 1
  w.zeros(10);
  matrix(w);
  w.zeros(24);
  w.u32(2); // the next track's number
}

function trackDefaults(w: BoxWriter): void {
  w.u32(1); // track
  w.u32(1); // sample entry
  w.zeros(12); // each run says duration, size and flags
}

function track(w: BoxWriter, config: CodecConfig, timescale: number): void {
  const video = config.kind === "video";
  w.full("tkhd", 0, 3, () => { // enabled, in the movie
    w.zeros(8);
    w.u32(1);
    w.zeros(8 + 8 + 4); // reserved and duration; reserved; layer and group
    w.u16(video ? 0 : 0x0100);
    w.u16(0);
    matrix(w);
    w.u32(video ? config.width * 65536 : 0);
    w.u32(video ? config.height * 65536 : 0);
  });
  w.box("mdia", () => {
    w.full("mdhd", 0, 0, () => {
      w.zeros(8);
      w.u32(timescale);
      w.u32(0);
      w.u16(0x55c4); // language und
      w.u16(0);
    });
    w.full("hdlr", 0, 0, () => {
      w.u32(0);
      w.ascii(video ? "vide" : "soun");
      w.zeros(12 + 1); // reserved, and an empty name
    });
    w.box("minf", () => mediaInformation(w, config));
  });
}

function mediaInformation(w: BoxWriter, config: CodecConfig): void {
  if (config.kind === "video") w.full("vmhd", 0, 1, () => w.zeros(8));
  else w.full("smhd", 0, 0, () => w.zeros(4));
  w.box("dinf", () => {
    w.full("dref", 0, 0, () => {
      w.u32(1);
      w.full("url ", 0, 1, () => {}); // in this file
    });
  });
  w.box("stbl", () => {
    w.full("stsd", 0, 0, () => {
      w.u32(1);
      sampleEntry(w, config);
    });
    w.full("stts", 0, 0, () => w.u32(0)); // all samples are in fragments
    w.full("stsc", 0, 0, () => w.u32(0));
    w.full("stsz", 0, 0, () => w.zeros(8));
    w.full("stco", 0, 0, () => w.u32(0));
  });
}

function matrix(w: BoxWriter): void {
  for (const value of [0x00010000, 0, 0, 0, 0x00010000, 0, 0, 0, 0x40000000]) w.u32(value);
}
