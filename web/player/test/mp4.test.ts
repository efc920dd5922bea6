import assert from "node:assert/strict";
import { test } from "node:test";
import { reorderDepth } from "../src/mp4/depth.ts";
import { initSegment, mime } from "../src/mp4/init.ts";
import { Order } from "../src/mp4/order.ts";
import { mediaSegment, type Sample } from "../src/mp4/segment.ts";
import type { AudioConfig, VideoConfig } from "../src/types.ts";
import { type Encoded, encoded, encodings } from "./support/encoded.ts";
import { absent, judge } from "./support/ffmpeg.ts";
import { boxes, find, samples, timescale } from "./support/mp4.ts";

const h264: VideoConfig = {
  kind: "video", format: "h264", codec: "avc1.64001F", width: 1280, height: 720, description: Uint8Array.of(1, 0x64, 0, 0x1f),
};
const aac: AudioConfig = {
  kind: "audio", format: "aac", codec: "mp4a.40.2", sampleRate: 48000, channels: 2, description: Uint8Array.of(0x11, 0x90),
};

test("the MIME type has the codec in quotes", () => {
  assert.equal(mime(h264), 'video/mp4; codecs="avc1.64001F"');
  assert.equal(mime(aac), 'audio/mp4; codecs="mp4a.40.2"');
});

test("an initialization segment has one track with its timescale, sample entry and description", () => {
  const file = initSegment(h264, 90000);
  assert.deepEqual(boxes(file).map((b) => b.type), ["ftyp", "moov"]);
  assert.equal(timescale(file), 90000);
  const entry = find(boxes(file), "moov/trak/mdia/minf/stbl/stsd/avc1");
  assert.deepEqual(find(entry.children, "avcC").body, h264.description);
});

test("the sample entry is named as the codec string is", () => {
  const file = initSegment({ ...h264, format: "h265", codec: "hev1.1.6.L93.B0" }, 90000);
  assert.ok(find(boxes(file), "moov/trak/mdia/minf/stbl/stsd/hev1"));
});

test("VP9 is configured by its codec string", () => {
  const vpcC = (codec: string) =>
    [...find(boxes(initSegment({ ...h264, format: "vp9", codec }, 90000)), "moov/trak/mdia/minf/stbl/stsd/vp09/vpcC").body];
  assert.deepEqual(vpcC("vp09.00.10.08"), [1, 0, 0, 0, 0, 10, 0x82, 1, 1, 1, 0, 0]);
  assert.deepEqual(vpcC("vp09.02.31.10.01.09.16.09.01"), [1, 0, 0, 0, 2, 31, 0xa3, 9, 16, 9, 0, 0]);
});

test("what MP4 in a browser cannot carry is refused", () => {
  const wrong: [string, VideoConfig | AudioConfig][] = [
    ["VP8", { ...h264, format: "vp8", codec: "vp8" }],
    ["JPEG", { ...h264, format: "jpeg", codec: "jpeg" }],
    ["PCM", { ...aac, format: "pcm", codec: "pcm" }],
    ["H.264 without a description", { kind: "video", format: "h264", codec: "avc1.64001F", width: 1, height: 1 }],
    ["AV1 that says it is H.264", { ...h264, format: "av1" }],
    ["Opus with six channels", { ...aac, format: "opus", codec: "opus", channels: 6 }],
    ["AAC with a description of 200 bytes", { ...aac, description: new Uint8Array(200) }],
  ];
  for (const [name, config] of wrong) assert.throws(() => initSegment(config, 90000), RangeError, name);
});

test("a segment says what it was given, and each sample lasts until the next", () => {
  const given: Sample[] = [
    { data: Uint8Array.of(1, 2, 3), dts: 2 ** 33, cts: 6000, duration: 3000, key: true },
    { data: Uint8Array.of(), dts: 2 ** 33 + 3000, cts: -1, duration: 3000, key: false },
    { data: Uint8Array.of(4), dts: 2 ** 33 + 9000, cts: 0, duration: 1234, key: false },
  ];
  const segment = mediaSegment(7, given);
  const file = Buffer.concat([initSegment(h264, 90000), segment]);
  assert.deepEqual(boxes(segment).map((b) => b.type), ["moof", "mdat"]);
  assert.equal(Buffer.from(find(boxes(segment), "moof/mfhd").body).readUInt32BE(4), 7);
  const read = samples(file).map((s) => ({ ...s, data: Uint8Array.from(s.data) }));
  assert.deepEqual(read, [given[0], { ...given[1], duration: 6000 }, given[2]]);
});

test("a segment without samples is refused", () => {
  assert.throws(() => mediaSegment(1, []), RangeError);
});

/** Muxes as the player does: one segment a unit, decode times made from presentation times. */
function mux({ config, timescale, samples }: Encoded): { parts: Uint8Array[]; made: Sample[] } {
  const order = new Order(timescale, reorderDepth(config));
  const duration = config.kind === "audio" ? samples[0]!.duration : 0;
  const made = samples.map((s) =>
    order.sample({ data: s.data, timestamp: 0, key: s.key, duration }, timescale + s.dts + s.cts));
  return { parts: [initSegment(config, timescale), ...made.map((s, i) => mediaSegment(i + 1, [s]))], made };
}

const near = (a: number, b: number) => Math.abs(a - b) < 0.0001;

for (const name of Object.keys(encodings)) {
  test(`ffmpeg reads and decodes what is made of ${name}`, { skip: absent("ffmpeg", "ffprobe") }, () => {
    const source = encoded(name);
    const { parts, made } = mux(source);
    const { packets, decoded, complaints } = judge("made.mp4", ...parts);
    assert.equal(complaints, "");
    assert.equal(decoded, source.samples.length);
    assert.equal(packets.length, source.samples.length);
    packets.forEach((packet, i) => {
      const [s, m] = [source.samples[i]!, made[i]!];
      assert.ok(near(packet.dts, m.dts / source.timescale), `decode time of packet ${i}: ${packet.dts}`);
      const shown = 1 + (s.dts + s.cts) / source.timescale;
      const learned = i > 2 ? 0 : 0.01; // the first intervals are guessed
      assert.ok(Math.abs(packet.pts - shown) < learned + 0.0001, `presentation time of packet ${i}: ${packet.pts}`);
      assert.equal(packet.key, s.key, `key of packet ${i}`);
      assert.equal(packet.size, s.data.length, `size of packet ${i}`);
    });
  });
}

test("B pictures are decoded one step after the other, never after they are shown", { skip: absent("ffmpeg") }, () => {
  const source = encoded("H.264 with B pictures");
  assert.ok(source.samples.some((s) => s.cts !== source.samples[0]!.cts), "ffmpeg made no B pictures");
  const { made } = mux(source);
  const step = source.timescale / 25;
  for (let i = 6; i < made.length; i++) assert.equal(made[i]!.dts - made[i - 1]!.dts, step);
  for (const s of made) assert.ok(s.cts >= 0);
});
