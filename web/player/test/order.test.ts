import assert from "node:assert/strict";
import { test } from "node:test";
import { Order } from "../src/mp4/order.ts";
import type { Sample } from "../src/mp4/segment.ts";

const step = 3000; // 30 pictures a second at 90 kHz

/** Sends pictures at presentation times in steps, the first of them a key picture. */
function send(order: Order, times: number[], keys = [times[0]], duration = 0): Sample[] {
  return times.map((time) =>
    order.sample({ data: new Uint8Array(1), timestamp: 0, key: keys.includes(time), duration }, time * step));
}

const decode = (samples: Sample[]) => samples.map((s) => s.dts / step);
const present = (samples: Sample[]) => samples.map((s) => (s.dts + s.cts) / step);
const lasts = (samples: Sample[]) => samples.map((s) => s.duration / step);

/** What Media Source Extensions take for a discontinuity never happens. */
function assertContinuous(samples: Sample[]): void {
  for (let i = 1; i < samples.length; i++) {
    const [before, s] = [samples[i - 1]!, samples[i]!];
    assert.ok(s.dts > before.dts, `decode time of ${i} goes back`);
    assert.ok(s.dts - before.dts <= 2 * before.duration, `decode time of ${i} jumps`);
  }
}

test("without reordering, pictures are decoded when they are shown", () => {
  const samples = send(new Order(90000, 0), [5, 6, 7, 8]);
  assert.deepEqual(decode(samples), [5, 6, 7, 8]);
  assert.deepEqual(present(samples), [5, 6, 7, 8]);
  assert.deepEqual(lasts(samples), [1, 1, 1, 1]);
});

test("the interval of the pictures is learned, and no hole is left meanwhile", () => {
  const samples = send(new Order(90000, 0), [0, 2, 4, 6, 8, 10]);
  assertContinuous(samples);
  assert.deepEqual(decode(samples).slice(3), [6, 8, 10]);
  assert.deepEqual(lasts(samples).slice(4), [2, 2]);
  assertGapless(samples);
});

function assertGapless(samples: Sample[]): void {
  for (let i = 1; i < samples.length; i++) {
    const [before, s] = [samples[i - 1]!, samples[i]!];
    assert.ok(s.dts + s.cts <= before.dts + before.cts + before.duration, `a hole before ${i}`);
  }
}

test("after a gap a picture is shown early and lasts longer, and all is right afterwards", () => {
  const samples = send(new Order(90000, 0), [0, 1, 2, 6, 7, 8]);
  assert.deepEqual(decode(samples), [0, 1, 2, 3, 7, 8]);
  assert.deepEqual(present(samples), decode(samples));
  assert.deepEqual(lasts(samples), [1, 1, 1, 4, 1, 1]);
  assertContinuous(samples);
});

test("a known depth puts decode times behind, each picture at the time of the one a decoder shows", () => {
  const samples = send(new Order(90000, 1), [10, 12, 11, 14, 13, 16, 15]);
  assert.deepEqual(decode(samples), [9, 10, 11, 12, 13, 14, 15]);
  assert.deepEqual(present(samples), [10, 12, 11, 14, 13, 16, 15]);
  assertContinuous(samples);
});

test("a pyramid of depth 2 is never decoded after it is shown", () => {
  const samples = send(new Order(90000, 2), [10, 14, 12, 11, 13, 18, 16, 15, 17]);
  assert.deepEqual(decode(samples), [8, 9, 10, 11, 12, 13, 14, 15, 16]);
  assertContinuous(samples);
});

test("times that begin at zero have no negative decode time", () => {
  const samples = send(new Order(90000, 2), [0, 4, 2, 1, 3, 8, 6, 5, 7]);
  assert.ok(samples.every((s) => s.dts >= 0));
  assert.deepEqual(present(samples), [0, 4, 2, 1, 3, 8, 6, 5, 7]);
  assertContinuous(samples);
});

test("reordering that nobody announced is found out, and presentation times stay", () => {
  const samples = send(new Order(90000, undefined), [10, 12, 11, 14, 13, 16, 15, 18, 17]);
  assert.deepEqual(present(samples), [10, 12, 11, 14, 13, 16, 15, 18, 17]);
  assert.deepEqual(decode(samples).slice(4), [13, 14, 15, 16, 17]);
  assertContinuous(samples);
});

test("a whole group without reordering is believed: a gap is closed then", () => {
  const samples = send(new Order(90000, undefined), [0, 1, 4, 5, 6, 7, 10, 11], [0, 5]);
  assert.deepEqual(present(samples), [0, 1, 4, 5, 6, 7, 8, 11]);
  assertContinuous(samples);
});

test("lost pictures do not make decode times jump when there is reordering", () => {
  const samples = send(new Order(90000, 1), [10, 12, 11, 14, 13, 24, 23, 26, 25, 28, 27]);
  assert.deepEqual(present(samples), [10, 12, 11, 14, 13, 24, 23, 26, 25, 28, 27]);
  assertContinuous(samples);
  assert.deepEqual(decode(samples).slice(-4), [24, 25, 26, 27]);
});

test("the same time twice still moves on", () => {
  const samples = send(new Order(90000, 0), [0, 1, 1, 2, 3]);
  assertContinuous(samples);
  assert.equal(decode(samples).at(-1), 3);
});

test("a duration that the format says is kept", () => {
  const samples = send(new Order(48000, 0), [0, 1, 2], [0, 1, 2], 1024);
  assert.equal(samples[0]!.duration, 1024);
});

test("time that jumps starts anew", () => {
  for (const jump of [1000, -100]) {
    const samples = send(new Order(90000, 0), [200, 201, 200 + jump, 201 + jump]);
    assert.deepEqual(decode(samples), [200, 201, 200 + jump, 201 + jump]);
    assert.equal(samples[1]!.duration, step);
    assert.ok(samples[2]!.duration <= step);
  }
});

test("whatever times come, decode times grow between jumps and durations are bounded", () => {
  let seed = 1;
  const random = (n: number) => (seed = (seed * 48271) % 2147483647) % n;
  for (const depth of [undefined, 0, 1, 4]) {
    const order = new Order(90000, depth);
    let before: Sample | undefined;
    let newest = 0;
    for (let i = 0; i < 5000; i++) {
      const pts = Math.max(0, newest + random(900000) - 150000); // within what is no jump
      const sample = order.sample({ data: new Uint8Array(0), timestamp: 0, key: random(50) === 0, duration: 0 }, pts);
      if (before && sample.dts <= before.dts) assert.fail(`decode time of ${i} goes back, depth ${depth}`);
      assert.ok(sample.duration > 0 && sample.duration <= 20 * 90000 * 2, `duration ${sample.duration}`);
      assert.ok(Number.isInteger(sample.dts) && Number.isInteger(sample.cts));
      before = sample;
      newest = Math.max(newest, pts);
    }
  }
});
