import assert from "node:assert/strict";
import { test } from "node:test";
import { Backlog } from "../src/playback/backlog.ts";
import { Edge } from "../src/playback/edge.ts";
import { Frames } from "../src/playback/frames.ts";
import { intersect } from "../src/playback/mse.ts";
import { Schedule } from "../src/playback/schedule.ts";
import { Bitrate } from "../src/playback/stats.ts";
import type { VideoConfig } from "../src/types.ts";

/** A picture that knows whether it was closed. */
class Picture {
  open = true;

  close(): void {
    assert.ok(this.open, "closed twice");
    this.open = false;
  }
}

function pictures(frames: Frames<Picture>, ...lines: number[]): Picture[] {
  return lines.map((line) => {
    const picture = new Picture();
    frames.add(line, picture);
    return picture;
  });
}

test("the newest picture that is due is taken, and those before it are closed", () => {
  const frames = new Frames<Picture>(10);
  const [a, b, c] = pictures(frames, 1, 2, 3);
  assert.equal(frames.take(0.5), undefined);
  assert.equal(frames.take(2.5)?.picture, b);
  assert.deepEqual([a!.open, b!.open, c!.open, frames.dropped], [false, true, true, 1]);
});

test("pictures are shown in their order, not in that of the decoder", () => {
  const frames = new Frames<Picture>(10);
  pictures(frames, 3, 1, 2);
  assert.deepEqual([frames.take(1)?.line, frames.take(2)?.line, frames.take(3)?.line], [1, 2, 3]);
});

test("pictures never pile up, and each is closed", () => {
  const frames = new Frames<Picture>(4);
  const all = pictures(frames, ...Array.from({ length: 1000 }, (_, i) => i));
  assert.equal(all.filter(({ open }) => open).length, 4);
  frames.clear();
  assert.equal(all.filter(({ open }) => open).length, 0);
});

const config: VideoConfig = { kind: "video", format: "vp8", codec: "vp8", width: 2, height: 2 };

test("a backlog without room goes on at the next key picture", () => {
  const backlog = new Backlog();
  const add = (i: number, key: boolean) => backlog.add({ unit: { data: new Uint8Array(1), timestamp: i, key, duration: 0 }, line: i, config });
  for (let i = 0; i < 1100; i++) add(i, i === 0);
  assert.equal(backlog.length, 1024);
  backlog.shift(); // there is room now, but what comes needs what is gone
  add(1100, false);
  assert.equal(backlog.length, 1023);
  add(1101, true);
  assert.equal(backlog.length, 1024);
  assert.equal(backlog.dropped, 76 + 1);
  add(1102, true); // without room for it, the newer one counts
  assert.equal(backlog.length, 1);
});

test("sound is placed without gaps while it is about in time", () => {
  const schedule = new Schedule();
  const starts = Array.from({ length: 10 }, (_, i) => schedule.place(1 + i * 0.02 + (i % 2) * 0.004, 0.02, 0.9 + i * 0.02)!);
  for (const [i, { start, rate }] of starts.entries()) {
    assert.ok(Math.abs(start - (1 + i * 0.02)) < 1e-9, `${i} ${start}`);
    assert.equal(rate, 1);
  }
});

test("a clock that drifts is followed, and never by more than is heard", () => {
  const schedule = new Schedule();
  let worst = 0;
  for (let i = 0; i < 180_000; i++) { // an hour of 20 ms, 300 ppm off
    const due = 1 + i * 0.02 * 1.0003;
    const { start, rate } = schedule.place(due, 0.02, due - 0.08)!;
    assert.ok(Math.abs(rate - 1) < 0.0101);
    worst = Math.max(worst, Math.abs(start - due));
  }
  assert.ok(worst < 0.01, `${worst}`);
});

test("after a jump sound is placed anew, never over what plays", () => {
  const schedule = new Schedule();
  schedule.place(1, 0.02, 0.9);
  assert.deepEqual(schedule.place(1.5, 0.02, 0.95), { start: 1.5, rate: 1 });
  assert.equal(schedule.place(0.9, 0.02, 0.95), undefined); // too late
  const back = schedule.place(1.4, 0.02, 0.96);
  assert.ok(back === undefined || back.start >= 1.4);
});

test("sound that is due in another age is refused", () => {
  assert.equal(new Schedule().place(1e6, 0.02, 0), undefined);
});

test("live media that are behind are caught up with, and left alone at the target", () => {
  const edge = new Edge(true);
  let time = 9;
  let rates = 0;
  for (let end = 9.6; end < 30; end += 0.1) {
    const { seek, rate } = edge.move(time, [{ start: 0, end }], 0.15, 0);
    assert.equal(seek, undefined);
    assert.ok(rate > 0.9 && rate <= 1.1);
    if (end > 25) rates += Number(rate !== 1);
    time += 0.1 * rate;
  }
  assert.equal(rates, 0);
});

test("live media that are far behind are jumped to", () => {
  assert.deepEqual(new Edge(true).move(1, [{ start: 0, end: 5 }], 0.15, 0), { seek: 4.85, rate: 1 });
  assert.deepEqual(new Edge(true).move(1, [{ start: 0, end: 1.1 }, { start: 2, end: 3 }], 0.15, 0), { seek: 2.85, rate: 1 });
});

test("stored media may be ahead of their time", () => {
  assert.deepEqual(new Edge(false).move(1, [{ start: 0, end: 4 }], 0.25, 0), { rate: 1 });
});

test("a hole is jumped over", () => {
  const { seek } = new Edge(false).move(5, [{ start: 0, end: 4 }, { start: 6, end: 8 }], 0.25, 0);
  assert.ok(seek! > 6 && seek! < 6.1);
});

test("after it has run dry an element keeps more, for a while", () => {
  const edge = new Edge(true);
  const seek = (now: number) => edge.move(1, [{ start: 0, end: 9 }], 0.1, now).seek!;
  edge.stumbled(0);
  edge.stumbled(0);
  assert.ok(Math.abs(seek(0) - 8.78) < 1e-9);
  assert.ok(Math.abs(seek(60_000) - 8.9) < 1e-9);
});

test("what two tracks have in common can be played", () => {
  assert.deepEqual(intersect([{ start: 0, end: 4 }, { start: 6, end: 9 }], [{ start: 3, end: 7 }]), [{ start: 3, end: 4 }, { start: 6, end: 7 }]);
});

test("the rate is that of the last seconds", () => {
  const rate = new Bitrate();
  for (let at = 0; at < 10_000; at += 10) rate.add(1250, at);
  assert.ok(Math.abs(rate.at(10_000) / 1e6 - 1) < 0.1, `${rate.at(10_000)}`);
  assert.equal(rate.at(20_000), 0);
});
