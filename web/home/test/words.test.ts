import assert from "node:assert/strict";
import test from "node:test";
import type { Presentation } from "../presentation.ts";
import { bitRate, bytes, counted, duration, readers, state, track } from "../words.ts";

const of = (p: Partial<Presentation>): Presentation => ({ path: "a", folder: "", kind: "stored", active: true, tracks: [], readers: 0, ...p });

test("numbers have at most three digits and the unit for that", () => {
  for (const [n, want] of [[0, "0 B"], [999, "999 B"], [1000, "1 kB"], [1499, "1.5 kB"], [9949, "9.9 kB"], [9960, "10 kB"], [999_499, "999 kB"], [999_600, "1 MB"], [1.2e9, "1.2 GB"], [5e16, "50000 TB"]] as const)
    assert.equal(bytes(n), want);
  assert.equal(bitRate(479_785), "480 kb/s");
  assert.equal(bitRate(2_540_000), "2.5 Mb/s");
  assert.equal(bitRate(0), "");
  assert.equal(bitRate(undefined), "");
});

test("times are those of a clock", () => {
  for (const [s, want] of [[0.2, "0:00"], [20, "0:20"], [59.6, "1:00"], [187, "3:07"], [3723, "1:02:03"], [360_000, "100:00:00"]] as const)
    assert.equal(duration(s), want);
});

test("tracks are called what people call them", () => {
  assert.equal(track({ type: "video", codec: "H264", width: 1920, height: 1080, frameRate: 29.97 }), "H.264 1920 × 1080 29.97 fps");
  assert.equal(track({ type: "audio", codec: "mpeg4-generic", sampleRate: 44100, channels: 2 }), "AAC 44.1 kHz stereo");
  assert.equal(track({ type: "audio", codec: "opus", sampleRate: 48000, channels: 6 }), "Opus 48 kHz 6 channels");
  assert.equal(track({ type: "application", codec: "" }), "application");
  assert.equal(track({ type: "video", codec: "constructor" }), "constructor");
});

test("a row says where it stands", () => {
  assert.equal(state(of({ kind: "live" })), "Live");
  assert.equal(state(of({ kind: "live", active: false })), "Waits for its publisher");
  assert.equal(state(of({ kind: "source", active: false })), "On demand");
  assert.equal(state(of({ duration: 20, size: 1_199_463 })), "0:20 · 1.2 MB");
  assert.equal(state(of({ size: 0 })), "0 B");
  assert.equal(state(of({ broken: true, size: 5 })), "Cannot be played");
  assert.deepEqual([readers(0), readers(1), counted(1200, "reader")], ["", "1 reader", "1,200 readers"]);
});
