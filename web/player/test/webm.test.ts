import assert from "node:assert/strict";
import { test } from "node:test";
import type { Sample } from "../src/mp4/segment.ts";
import type { AudioConfig, VideoConfig } from "../src/types.ts";
import { initSegment, mime } from "../src/webm/init.ts";
import { mediaSegment } from "../src/webm/segment.ts";
import { type Encoded, encoded, encodedVp8 } from "./support/encoded.ts";
import { absent, judge } from "./support/ffmpeg.ts";
import { type Element, elements } from "./support/webm.ts";

const vp8: VideoConfig = { kind: "video", format: "vp8", codec: "vp8", width: 640, height: 360 };
const opus: AudioConfig = { kind: "audio", format: "opus", codec: "opus", sampleRate: 48000, channels: 2 };

const only = (list: Element[], id: number) => list.find((e) => e.id === id)!;
const number = (e: Element) => e.body.reduce((value, byte) => value * 256 + byte, 0);

test("the MIME type has the codec in quotes", () => {
  assert.equal(mime(vp8), 'video/webm; codecs="vp8"');
  assert.equal(mime(opus), 'audio/webm; codecs="opus"');
});

test("an initialization segment has one track in a segment without an end", () => {
  const [ebml, segment] = elements(initSegment(vp8));
  assert.equal(Buffer.from(only(ebml!.children, 0x4282).body).toString(), "webm");
  assert.equal(segment!.endless, true);
  const track = only(only(segment!.children, 0x1654ae6b).children, 0xae);
  assert.equal(Buffer.from(only(track.children, 0x86).body).toString(), "V_VP8");
  const video = only(track.children, 0xe0);
  assert.deepEqual([number(only(video.children, 0xb0)), number(only(video.children, 0xba))], [640, 360]);
});

test("a cluster says times in milliseconds, and how long its last block lasts", () => {
  const sample = (dts: number, key: boolean, ...data: number[]): Sample => ({ data: Uint8Array.from(data), dts, cts: 0, duration: 3000, key });
  const [cluster] = elements(mediaSegment([sample(9_000_000, true, 1, 2), sample(9_003_000, false, 3), sample(9_006_000, false, 4)], 90000));
  assert.deepEqual(cluster!.children.map((e) => e.id), [0xe7, 0xa3, 0xa3, 0xa0]);
  const [time, first, second, last] = cluster!.children as [Element, Element, Element, Element];
  assert.equal(number(time), 100_000);
  assert.deepEqual([...first.body], [0x81, 0, 0, 0x80, 1, 2]);
  assert.deepEqual([...second.body], [0x81, 0, 33, 0, 3]);
  assert.deepEqual([...only(last.children, 0xa1).body], [0x81, 0, 67, 0, 4]);
  assert.equal(number(only(last.children, 0x9b)), 33);
  assert.ok(only(last.children, 0xfb), "a block that depends on others refers to one");
});

test("a key picture alone refers to no other", () => {
  const [cluster] = elements(mediaSegment([{ data: Uint8Array.of(1), dts: 0, cts: 0, duration: 1, key: true }], 25));
  assert.deepEqual(cluster!.children[1]!.children.map((e) => e.id), [0xa1, 0x9b]);
});

test("what WebM cannot carry is refused", () => {
  assert.throws(() => initSegment({ ...vp8, format: "h264" }), RangeError);
  assert.throws(() => initSegment({ ...opus, channels: 3 }), RangeError);
  assert.throws(() => mediaSegment([], 90000), RangeError);
  const far = (dts: number): Sample => ({ data: Uint8Array.of(1), dts, cts: 0, duration: 1, key: true });
  assert.throws(() => mediaSegment([far(0), far(33)], 1), RangeError);
});

const skip = absent("ffmpeg", "ffprobe");

test("ffmpeg reads and decodes VP8, a cluster for each picture", { skip }, () => check(encodedVp8(), 1));
test("ffmpeg reads and decodes VP8, a cluster for ten pictures", { skip }, () => check(encodedVp8(), 10));
test("ffmpeg reads and decodes VP9", { skip }, () => check(encoded("VP9"), 1));
test("ffmpeg reads and decodes Opus", { skip }, () => check(encoded("Opus"), 5));

function check(source: Encoded, together: number): void {
  const { config, timescale, samples } = source;
  const clusters: Uint8Array[] = [];
  for (let i = 0; i < samples.length; i += together) clusters.push(mediaSegment(samples.slice(i, i + together), timescale));
  const { codec, packets, decoded, complaints } = judge("made.webm", initSegment(config), ...clusters);
  assert.equal(complaints, "");
  assert.equal(codec, config.format);
  assert.equal(decoded, samples.length);
  assert.equal(packets.length, samples.length);
  packets.forEach((packet, i) => {
    const s = samples[i]!;
    assert.ok(Math.abs(packet.pts - (s.dts + s.cts) / timescale) <= 0.001, `time of packet ${i}: ${packet.pts}`);
    assert.equal(packet.key, s.key, `key of packet ${i}`);
    assert.equal(packet.size, s.data.length, `size of packet ${i}`);
  });
}
