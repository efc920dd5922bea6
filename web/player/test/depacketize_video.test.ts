import assert from "node:assert/strict";
import { test } from "node:test";
import { Av1Depacketizer } from "../src/depacketize/av1.ts";
import { JpegDepacketizer } from "../src/depacketize/jpeg.ts";
import { scaledTables } from "../src/depacketize/jpeg_tables.ts";
import { Vp8Depacketizer } from "../src/depacketize/vp8.ts";
import { Vp9Depacketizer } from "../src/depacketize/vp9.ts";
import { medium, packet } from "./recording.ts";

// AV1

const sequence = [0x08, 0x00, 0x00, 0x00, 0x03, 0xb4, 0xff, 0x73, 0x6b, 0xe4, 0x01]; // 160x120, without size
const keyFrame = [0x30, 0x10, 1, 2, 3, 4]; // OBU_FRAME with show_frame
const interFrame = [0x30, 0x30, 5, 6];
const withSize = (obu: number[]) => [obu[0]! | 2, obu.length - 1, ...obu.slice(1)];
const element = (obu: number[]) => [obu.length, ...obu];

test("AV1: OBUs counted, not counted, with sizes and with a delimiter are one temporal unit", () => {
  const want = [...withSize(sequence), ...withSize(keyFrame)];
  const forms = [
    [0x28, ...element(sequence), ...keyFrame],
    [0x08, ...element(sequence), ...element(keyFrame)],
    [0x38, ...element([0x12, 0x00]), ...element(withSize(sequence)), ...withSize(keyFrame)],
  ];
  for (const form of forms) {
    const depacketizer = new Av1Depacketizer(medium("AV1"));
    const [got] = depacketizer.push(packet(1, true, form), false);
    assert.deepEqual([...got!.data], want);
    assert.equal(got!.key, true);
    assert.equal(depacketizer.config!.codec, "av01.0.00M.08");
  }
});

test("AV1: an OBU in three packets, and without one of them", () => {
  const packets = [
    packet(1, false, 0x68, element(sequence), keyFrame.slice(0, 2)),
    packet(1, false, 0xd0, keyFrame.slice(2, 3)),
    packet(1, true, 0x90, keyFrame.slice(3)),
  ];
  const whole = new Av1Depacketizer(medium("AV1"));
  assert.deepEqual([...packets.flatMap((p) => whole.push(p, false))[0]!.data], [...withSize(sequence), ...withSize(keyFrame)]);
  for (const missing of [0, 1, 2]) {
    const depacketizer = new Av1Depacketizer(medium("AV1"));
    const got = packets.flatMap((p, i) => (i === missing ? [] : depacketizer.push(p, i === missing + 1)));
    assert.deepEqual(got, []);
    assert.deepEqual(depacketizer.push(packet(2, true, 0x10, interFrame), missing === 2), []);
    assert.equal(depacketizer.push(packet(3, true, 0x28, element(sequence), keyFrame), false).length, 1);
  }
});

test("AV1: after a loss a key frame without the beginning of its unit does not come out", () => {
  const depacketizer = new Av1Depacketizer(medium("AV1"));
  depacketizer.push(packet(1, true, 0x28, element(sequence), keyFrame), false);
  assert.deepEqual(depacketizer.push(packet(2, true, 0x10, keyFrame), true), []);
  assert.equal(depacketizer.push(packet(3, true, 0x10, keyFrame), false).length, 1);
});

// VP8

const vp8Key = [0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xa0, 0x00, 0x78, 0x40, 9]; // 160x120, scaled

test("VP8: descriptors of every form, and the size of a key frame", () => {
  for (const head of [[0x10], [0x90, 0x80, 5], [0x90, 0x80, 0x85, 6], [0x90, 0xf0, 0x85, 6, 7, 8], [0x90, 0x20, 8]]) {
    const depacketizer = new Vp8Depacketizer(medium("VP8"));
    const [got] = depacketizer.push(packet(1, true, head, vp8Key), false);
    assert.deepEqual([...got!.data], vp8Key);
    assert.deepEqual(depacketizer.config, { kind: "video", format: "vp8", codec: "vp8", width: 160, height: 120 });
  }
});

test("VP8: a frame in parts, without its beginning, and what none needs", () => {
  const depacketizer = new Vp8Depacketizer(medium("VP8"));
  assert.deepEqual(depacketizer.push(packet(1, false, 0x10, vp8Key), false), []);
  assert.equal(depacketizer.push(packet(1, true, 0x00, 1, 2), false)[0]!.data.length, vp8Key.length + 2);
  assert.deepEqual(depacketizer.push(packet(2, false, 0x30, 1, 1), false), []); // N: no reference
  assert.deepEqual(depacketizer.push(packet(2, true, 0x20, 1), true), []);
  assert.equal(depacketizer.push(packet(3, true, 0x10, 1, 1), false).length, 1);
  assert.deepEqual(depacketizer.push(packet(4, true, 0x00, 1, 1), true), []);
  assert.deepEqual(depacketizer.push(packet(5, true, 0x10, 1, 1), false), []);
  assert.equal(depacketizer.push(packet(6, true, 0x10, vp8Key), false).length, 1);
});

// VP9

const vp9Key = [0x82, 0x49, 0x83, 0x42, 0x00, 0x09, 0xf0, 0x07, 0x70, 0x00, 1, 2]; // 160x120, profile 0
const vp9Inter = [0x86, 0x00, 3];

test("VP9: flexible and non-flexible descriptors", () => {
  const structure = [0x18, 0x00, 0xa0, 0x00, 0x78, 0x01, 0x04, 0x01]; // one layer of 160x120, a group of one picture
  for (const head of [[0x0c], [0x8c, 5], [0x8c, 0x85, 6], [0xac, 5, 0x00, 7], [0x0e, ...structure], [0xbc, 5, 0x00], [0xdc, 5, 0x03, 0x04]]) {
    const depacketizer = new Vp9Depacketizer(medium("VP9"));
    const [got] = depacketizer.push(packet(1, true, head, vp9Key), false);
    assert.deepEqual([...got!.data], vp9Key, `${head}`);
    assert.equal(depacketizer.config!.codec, "vp09.00.10.08");
    assert.deepEqual([depacketizer.config!.width, depacketizer.config!.height], [160, 120]);
  }
});

test("VP9: layer frames of a picture are a superframe of the size of the highest", () => {
  const depacketizer = new Vp9Depacketizer(medium("VP9"));
  const structure = [0x30, 0x00, 0xa0, 0x00, 0x78, 0x01, 0x40, 0x00, 0xf0];
  depacketizer.push(packet(1, false, 0x2e, 0x00, 0, structure, vp9Key), false);
  const [got] = depacketizer.push(packet(1, true, 0x2c, 0x02, 0, vp9Inter), false);
  const index = [0xd9, vp9Key.length, 0, 0, 0, vp9Inter.length, 0, 0, 0, 0xd9];
  assert.deepEqual([...got!.data], [...vp9Key, ...vp9Inter, ...index]);
  assert.deepEqual([depacketizer.config!.width, depacketizer.config!.height], [320, 240]);
});

test("VP9: parts of a frame, and one missing", () => {
  const depacketizer = new Vp9Depacketizer(medium("VP9"));
  depacketizer.push(packet(1, false, 0x08, vp9Key), false);
  assert.equal(depacketizer.push(packet(1, true, 0x04, 1, 2), false).length, 1);
  depacketizer.push(packet(2, false, 0x08, vp9Inter), false);
  assert.deepEqual(depacketizer.push(packet(2, true, 0x04, 1, 2), true), []);
  assert.deepEqual(depacketizer.push(packet(3, true, 0x0c, vp9Inter), false), []);
  assert.equal(depacketizer.push(packet(4, true, 0x0c, vp9Key), false)[0]!.key, true);
});

// JPEG

const header = (offset: number, type: number, q: number, width = 20, height = 15) => [0, offset >> 16, (offset >> 8) & 0xff, offset & 0xff, type, q, width, height];
const scan = [1, 2, 3, 4];
const jpeg = (parameters = {}) => new JpegDepacketizer(medium("JPEG", parameters));
/** The content of the first segment with a marker. */
function segment(image: Uint8Array, marker: number, skip = 0): number[] {
  for (let at = 2; at < image.length; at += 2 + ((image[at + 2]! << 8) | image[at + 3]!)) {
    if (image[at + 1] === marker && skip-- === 0) return [...image.subarray(at + 4, at + 2 + ((image[at + 2]! << 8) | image[at + 3]!))];
  }
  return [];
}

test("JPEG: the tables of a quality are scaled, in zig-zag order", () => {
  assert.deepEqual([...scaledTables(50)[0]!.subarray(0, 8)], [16, 11, 12, 14, 12, 10, 16, 14]);
  assert.deepEqual([...scaledTables(75)[1]!.subarray(0, 4)], [9, 9, 9, 12]);
  assert.deepEqual([...scaledTables(1)[0]!.subarray(0, 2)], [255, 255]);
  assert.deepEqual([...scaledTables(99)[0]!.subarray(0, 2)], [1, 1].map((_, i) => Math.floor(([16, 11][i]! * 2 + 50) / 100) || 1));
});

test("JPEG: types 0, 1, 64 and 65", () => {
  for (const [type, sampling, restart] of [[0, 0x21, []], [1, 0x22, []], [64, 0x21, [0, 7]], [65, 0x22, [0, 7]]] as const) {
    const rest = restart.length > 0 ? [...restart, 0xff, 0xff] : [];
    const [got] = jpeg().push(packet(1, true, header(0, type, 50), rest, scan), false);
    assert.deepEqual(segment(got!.data, 0xc0), [8, 0, 120, 0, 160, 3, 1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1]);
    assert.deepEqual(segment(got!.data, 0xdd), [...restart]);
    assert.deepEqual([...got!.data.subarray(-6)], [...scan, 0xff, 0xd9]);
    assert.equal(got!.key, true);
  }
});

test("JPEG: tables in band, of 8 and 16 bits, and those that need not be sent again", () => {
  const depacketizer = jpeg();
  const tables = [...new Array(64).fill(3), ...new Array(128).fill(4)];
  const [first] = depacketizer.push(packet(1, true, header(0, 1, 200), 0, 2, 0, 192, tables, scan), false);
  assert.deepEqual(segment(first!.data, 0xdb), [0, ...tables.slice(0, 64)]);
  assert.deepEqual(segment(first!.data, 0xdb, 1), [0x11, ...tables.slice(64)]);
  const [second] = depacketizer.push(packet(2, true, header(0, 1, 200), 0, 0, 0, 0, scan), false);
  assert.deepEqual(second!.data, first!.data);
  assert.deepEqual(depacketizer.push(packet(3, true, header(0, 1, 201), 0, 0, 0, 0, scan), false), []);
  assert.deepEqual(depacketizer.push(packet(4, true, header(0, 1, 255), 0, 0, 0, 0, scan), false), []);
});

test("JPEG: fragments must follow each other", () => {
  const parts = [packet(1, false, header(0, 1, 50), scan), packet(1, false, header(4, 1, 50), scan), packet(1, true, header(8, 1, 50), scan)];
  const through = (...packets: typeof parts) => {
    const depacketizer = jpeg();
    return packets.flatMap((p) => depacketizer.push(p, false)).length;
  };
  const [a, b, c] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0]];
  assert.deepEqual([through(a, b, c), through(a, c), through(b, c), through(a, b, b, c), through(a, a, b, c)], [1, 0, 0, 0, 0]);
});

test("JPEG: a size that the header cannot tell is in the SDP", () => {
  const big = packet(1, true, header(0, 1, 50, 0, 0), scan);
  assert.deepEqual(jpeg().push(big, false), []);
  for (const parameters of [{ "x-dimensions": "3840,2160" }, { framesize: "26 3840-2160" }] as Record<string, string>[]) {
    const depacketizer = jpeg(parameters);
    assert.equal(depacketizer.push(big, false).length, 1);
    assert.deepEqual([depacketizer.config!.width, depacketizer.config!.height], [3840, 2160]);
  }
});
