import type { Sample } from "../mp4/segment.ts";
import { ElementWriter } from "./element.ts";

/**
 * Makes one cluster of samples in order. Its times are in milliseconds; the timescale of the samples is in ticks a second.
 * @throws RangeError without samples, or with more than 32 seconds of them: a block counts from its cluster in 16 bits
 */
export function mediaSegment(samples: Sample[], timescale: number): Uint8Array<ArrayBuffer> {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) throw new RangeError("webm: a cluster without samples");
  const size = samples.reduce((sum, sample) => sum + sample.data.length, 0);
  const w = new ElementWriter(64 + 16 * samples.length + size);
  const milliseconds = (ticks: number) => Math.round((ticks * 1000) / timescale);
  const start = milliseconds(first.dts + first.cts);
  w.master(0x1f43b675, () => { // Cluster
    w.uint(0xe7, start); // Timestamp
    for (const sample of samples) {
      const time = sample.dts + sample.cts;
      const offset = milliseconds(time) - start;
      if (sample !== last) simpleBlock(w, sample, offset);
      else lastBlock(w, sample, offset, milliseconds(time + sample.duration) - milliseconds(time));
    }
  });
  return w.finish();
}

function simpleBlock(w: ElementWriter, sample: Sample, offset: number): void {
  w.master(0xa3, () => block(w, sample, offset, sample.key ? 0x80 : 0));
}

/** A block lasts until the next; the last one has to say it, or a browser guesses what is buffered. */
function lastBlock(w: ElementWriter, sample: Sample, offset: number, duration: number): void {
  w.master(0xa0, () => { // BlockGroup
    w.master(0xa1, () => block(w, sample, offset, 0)); // Block
    w.uint(0x9b, Math.max(1, duration)); // BlockDuration
    if (!sample.key) w.binary(0xfb, [0xff]); // ReferenceBlock: -1, for it needs what came before
  });
}

function block(w: ElementWriter, sample: Sample, offset: number, flags: number): void {
  if (offset < -32768 || offset > 32767) throw new RangeError(`webm: a block ${offset} ms from its cluster`);
  w.u8(0x81); // track 1
  w.u16(offset);
  w.u8(flags);
  w.bytes(sample.data);
}
