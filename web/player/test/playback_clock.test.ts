import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../src/playback/pace.ts";
import { Sync } from "../src/playback/sync.ts";
import { Unwrapper } from "../src/playback/unwrap.ts";

const live = { live: true, least: 0, most: 0.3 };
const stored = { live: false, least: 0.15, most: 0.5 };

/** How long after its arrival in ms a unit is due. */
function wait(pace: Pace, line: number, at: number): number {
  pace.arrive(line, at);
  return pace.due(line)! - at;
}

/** Feeds a picture each 40 ms, and returns the waits in ms; transit tells how long the i-th is on its way. */
function waits(pace: Pace, from: number, count: number, transit: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => wait(pace, (from + i) * 0.04, (from + i) * 40 + transit(i)));
}

test("timestamps are counted on over the wrap, both ways", () => {
  const unwrapper = new Unwrapper(0xffffff00);
  assert.deepEqual([0xffffff00, 0x100, 0xffffffff, 0x80000080].map((t) => unwrapper.unwrap(t)), [0, 0x200, 0xff, -0x7ffffe80]);
});

test("to look at a timestamp does not count from it", () => {
  const unwrapper = new Unwrapper();
  assert.equal(unwrapper.peek(5), undefined);
  unwrapper.unwrap(1000);
  assert.equal(unwrapper.peek(900), -100);
  assert.equal(unwrapper.unwrap(1001), 1);
});

test("live pictures that come evenly are due when they come", () => {
  const all = waits(new Pace(live), 0, 50, () => 500);
  assert.ok(Math.max(...all.map(Math.abs)) < 1, `${all}`);
});

test("jitter that nobody sees makes nobody wait", () => {
  const pace = new Pace(live);
  waits(pace, 0, 100, (i) => (i % 2) * 8);
  assert.equal(pace.delay, 0);
});

test("with jitter pictures wait as long as most of them need", () => {
  const pace = new Pace(live);
  waits(pace, 0, 200, (i) => (i % 4) * 20);
  assert.ok(Math.abs(pace.delay - 0.06) < 0.001, `${pace.delay}`);
});

test("the delay shrinks slowly when the jitter has gone", () => {
  const pace = new Pace(live);
  waits(pace, 0, 100, (i) => (i % 2) * 100);
  const before = pace.delay;
  waits(pace, 100, 245, () => 0);
  assert.ok(pace.delay < before && pace.delay > 0, `${before} ${pace.delay}`);
  waits(pace, 345, 100, () => 0);
  assert.equal(pace.delay, 0);
});

test("after a stall live pictures are shown as soon as before", () => {
  const pace = new Pace(live);
  waits(pace, 0, 50, () => 5);
  waits(pace, 50, 50, (i) => 2000 - 40 * i + 5); // all at once, 2 s late
  const after = waits(pace, 100, 50, () => 5);
  assert.equal(pace.delay, 0);
  assert.ok(Math.max(...after.map(Math.abs)) < 1, `${after}`);
});

test("live media that come later for good are the usual after some seconds", () => {
  const pace = new Pace(live);
  waits(pace, 0, 50, () => 5);
  const after = waits(pace, 50, 200, () => 1005);
  assert.ok(after[0]! < -900);
  assert.ok(Math.abs(after.at(-1)!) < 1, `${after.at(-1)}`);
});

test("a source whose clock is slow does not get old", () => {
  const pace = new Pace(live);
  const after = waits(pace, 0, 25 * 3600, (i) => i * 0.004); // 100 ppm over an hour
  assert.ok(Math.abs(after.at(-1)!) < 12, `${after.at(-1)}`);
});

test("stored media wait at the least what smooth motion needs", () => {
  const all = waits(new Pace(stored), 0, 50, () => 5);
  assert.ok(all.every((ms) => Math.abs(ms - 150) < 1), `${all}`);
});

test("stored media that are sent ahead are not shown ahead", () => {
  const pace = new Pace(stored);
  wait(pace, 0, 0);
  assert.ok(Math.abs(wait(pace, 2, 0) - 2150) < 1);
  assert.ok(wait(pace, 20, 0) < 5200, "but they do not pile up");
});

test("stored media go on where they stopped", () => {
  const pace = new Pace(stored);
  waits(pace, 0, 50, () => 0);
  const after = waits(pace, 50, 50, () => 3000);
  assert.ok(Math.abs(after.at(-1)! - 150) < 1, `${after}`);
});

test("sound makes the picture wait for it, and for its decoder", () => {
  const pace = new Pace(live);
  pace.extra = 0.05;
  waits(pace, 0, 10, () => 0);
  assert.ok(Math.abs(pace.delay - 0.05) < 0.001);
  for (let i = 10; i < 40; i++) {
    pace.arrive(i * 0.04, i * 40);
    pace.decoded(i * 0.04, i * 40 + 80);
  }
  assert.ok(Math.abs(pace.delay - 0.13) < 0.001, `${pace.delay}`);
});

test("RTP-Info ties tracks together", () => {
  const sync = new Sync(2, false);
  sync.begin(new Set([0, 1]));
  assert.equal(sync.place(0, 1.5, 0), 1.5);
  assert.equal(sync.place(1, 1.4, 900), 1.4);
});

test("tracks that nothing ties together began when they came", () => {
  const sync = new Sync(2, true);
  sync.begin(new Set());
  assert.equal(sync.place(0, 7, 1000), 0);
  assert.ok(Math.abs(sync.place(1, 100, 1250) - 0.25) < 1e-9);
  assert.ok(Math.abs(sync.place(1, 101, 2000) - 1.25) < 1e-9);
});

test("sender reports tie tracks together, and the lead stays where it is", () => {
  const sync = new Sync(2, true);
  sync.begin(new Set());
  sync.place(0, 0, 1000);
  sync.place(1, 0, 1000);
  sync.report(0, 5000, 2);
  sync.report(1, 5000, 1.9);
  assert.ok(Math.abs(sync.place(1, 1.9, 3000) - 2) < 1e-9);
  assert.equal(sync.place(0, 2, 3000), 2);
  assert.ok(Math.abs(sync.wall(0, 2.5)! - 5000.5) < 1e-9);
});

test("reports that are about nothing, or beyond belief, change nothing", () => {
  for (const [wall, seconds] of [[5000.005, 2], [5100, 2]] as const) {
    const sync = new Sync(2, true);
    sync.begin(new Set([0, 1]));
    sync.place(0, 2, 0);
    sync.place(1, 2, 0);
    sync.report(0, 5000, 2);
    sync.report(1, wall, seconds);
    assert.equal(sync.place(1, 2, 0), 2, `${wall}`);
  }
});

test("with stored media RTP-Info is right, whatever reports say", () => {
  const sync = new Sync(2, false);
  sync.begin(new Set([0, 1]));
  sync.place(0, 2, 0);
  sync.place(1, 2, 0);
  sync.report(0, 5000, 2);
  sync.report(1, 5000.5, 2);
  assert.equal(sync.place(1, 2, 0), 2);
});

test("a track that counts anew goes on where it was, by when it comes", () => {
  const sync = new Sync(2, true);
  sync.begin(new Set([0, 1]));
  sync.place(0, 5, 1000);
  sync.place(1, 5, 1000);
  assert.ok(Math.abs(sync.place(0, 40000, 1040) - 5.04) < 1e-9);
  assert.ok(Math.abs(sync.place(0, 40000.04, 1080) - 5.08) < 1e-9);
  assert.ok(Math.abs(sync.place(1, 5.1, 1100) - 5.1) < 1e-9);
});

test("media that stood still for long go on where they stopped", () => {
  const sync = new Sync(1, false);
  sync.begin(new Set([0]));
  sync.place(0, 5, 1000);
  assert.equal(sync.place(0, 5.04, 61_000), 5.04);
});
