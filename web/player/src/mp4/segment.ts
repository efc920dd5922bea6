import { BoxWriter } from "./box.ts";

/** One unit with the times of MP4, in ticks of the track's timescale. */
export interface Sample {
  data: Uint8Array;
  /** When it is decoded: never negative, and later than the sample before. */
  dts: number;
  /** Presentation less decode time; it may be negative. */
  cts: number;
  /** Of the presentation, and of the decoding of the last sample of a segment. */
  duration: number;
  /** Decoding can begin here. */
  key: boolean;
}

// The fields tfhd and trun have, and the flags of samples: ISO/IEC 14496-12 sections 8.8.7, 8.8.8 and 8.8.3.1.
const defaultBaseIsMoof = 0x020000;
const runFields = 0x000f01; // data offset; duration, size, flags and offset of each sample
const keyFlags = 0x02000000; // depends on no other
const deltaFlags = 0x01010000; // depends on others, is no sync sample

/**
 * Makes moof and mdat of samples in decode order. The sequence number counts up from 1 over the segments of a track.
 * Between the samples of a segment decode times are gapless: each lasts until the next.
 * @throws RangeError without samples
 */
export function mediaSegment(sequence: number, samples: Sample[]): Uint8Array<ArrayBuffer> {
  const first = samples[0];
  if (!first) throw new RangeError("mp4: a segment without samples");
  const size = samples.reduce((sum, sample) => sum + sample.data.length, 0);
  const w = new BoxWriter(128 + 16 * samples.length + size);
  let offset = 0;
  w.box("moof", () => {
    w.full("mfhd", 0, 0, () => w.u32(sequence));
    w.box("traf", () => {
      w.full("tfhd", 0, defaultBaseIsMoof, () => w.u32(1));
      w.full("tfdt", 1, 0, () => w.u64(first.dts));
      w.full("trun", 1, runFields, () => {
        w.u32(samples.length);
        offset = w.length;
        w.u32(0);
        samples.forEach((sample, i) => run(w, sample, samples[i + 1]));
      });
    });
  });
  w.patch32(offset, w.length + 8); // media begin behind the header of mdat
  w.box("mdat", () => samples.forEach((sample) => w.bytes(sample.data)));
  return w.finish();
}

function run(w: BoxWriter, sample: Sample, next: Sample | undefined): void {
  w.u32(next ? next.dts - sample.dts : sample.duration);
  w.u32(sample.data.length);
  w.u32(sample.key ? keyFlags : deltaFlags);
  w.u32(sample.cts); // version 1: two's complement
}
