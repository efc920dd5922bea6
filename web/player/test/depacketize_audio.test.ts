import assert from "node:assert/strict";
import { test } from "node:test";
import { g711 } from "../src/depacketize/g711.ts";
import { depacketizerOf } from "../src/depacketize/index.ts";
import { linear } from "../src/depacketize/l16.ts";
import { opusDuration } from "../src/depacketize/opus.ts";
import type { Unit } from "../src/types.ts";
import { medium, packet } from "./recording.ts";

const audio = (encoding: string, parameters: Record<string, string>, clockRate = 48000, channels = 2) =>
  depacketizerOf(medium(encoding, parameters, { kind: "audio", clockRate, channels }));
const hbr = { config: "1190", sizelength: "13", indexlength: "3", indexdeltalength: "3" };
const au = (...sizes: number[]) => [0, 16 * sizes.length, ...sizes.flatMap((size) => [size >> 5, (size << 3) & 0xff])];
const short = (units: Unit[]) => units.map(({ data, timestamp }) => [timestamp, ...data]);

test("AAC: access units of a packet are 1024 samples apart, or 960", () => {
  const aac = audio("MPEG4-GENERIC", hbr)!;
  assert.deepEqual(short(aac.push(packet(0xfffffc00, true, au(2, 1, 3), 1, 1, 2, 3, 3, 3), false)), [
    [0xfffffc00, 1, 1],
    [0, 2],
    [1024, 3, 3, 3],
  ]);
  const shorter = audio("MPEG4-GENERIC", { ...hbr, config: "1194" })!;
  assert.equal(shorter.push(packet(0, true, au(1, 1), 1, 2), false)[1]!.timestamp, 960);
});

test("AAC: fragments, and those with one missing", () => {
  const aac = audio("MPEG4-GENERIC", hbr)!;
  const [a, b, c] = [packet(5, false, au(6), 1, 2), packet(5, false, au(6), 3, 4), packet(5, true, au(6), 5, 6)];
  const push = (...packets: [typeof a, boolean][]) => short(packets.flatMap(([p, lost]) => aac.push(p, lost)));
  assert.deepEqual(push([a, false], [b, false], [c, false]), [[5, 1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(push([a, false], [c, true]), []);
  assert.deepEqual(push([b, true], [c, false]), []);
  assert.deepEqual(push([a, false], [b, false], [packet(9, true, au(1), 7), true]), [[9, 7]]);
});

test("AAC: low bit rate, constant size and an auxiliary section", () => {
  const lbr = audio("MPEG4-GENERIC", { config: "1190", sizelength: "6", indexlength: "2", indexdeltalength: "2" })!;
  assert.deepEqual(short(lbr.push(packet(0, true, 0, 16, 2 << 2, 1 << 2, 1, 1, 2), false)), [[0, 1, 1], [1024, 2]]);
  const constant = audio("MPEG4-GENERIC", { config: "1190", constantsize: "2" })!;
  assert.deepEqual(short(constant.push(packet(0, true, 1, 1, 2, 2), false)), [[0, 1, 1], [1024, 2, 2]]);
  const auxiliary = audio("MPEG4-GENERIC", { ...hbr, auxiliarydatasizelength: "8" })!;
  assert.deepEqual(short(auxiliary.push(packet(0, true, au(1), 8, 0xaa, 1), false)), [[0, 1]]);
});

test("AAC: what is cut or interleaved is left out", () => {
  const aac = audio("MPEG4-GENERIC", hbr)!;
  assert.deepEqual(short(aac.push(packet(0, true, au(2, 3), 1, 1, 2), false)), [[0, 1, 1]]);
  assert.deepEqual(aac.push(packet(0, true, 0, 16, 0, 8 | 1, 1), false), []);
  assert.deepEqual(aac.push(packet(0, true, 0xff, 0xff, 1), false), []);
  const still = audio("MPEG4-GENERIC", { config: "1190", indexlength: "1" })!; // headers without an end
  assert.deepEqual(still.push(packet(0, true, 0, 16, 0, 0, 1), false), []);
});

test("AAC: configurations, with SBR too, and what is none", () => {
  const config = (hex: string) => audio("MPEG4-GENERIC", { ...hbr, config: hex })?.config;
  assert.deepEqual(config("1210"), { kind: "audio", format: "aac", codec: "mp4a.40.2", sampleRate: 44100, channels: 2, description: Uint8Array.of(0x12, 0x10) });
  const sbr = config("2b118800")!;
  assert.deepEqual([sbr.codec, sbr.kind === "audio" && sbr.sampleRate], ["mp4a.40.5", 48000]);
  assert.equal(audio("MPEG4-GENERIC", { ...hbr, config: "2b118800" })!.push(packet(0, true, au(1), 1), false)[0]!.duration, 2048);
  assert.deepEqual(["", "zz", "11", "f8", "1180"].map(config), new Array(5).fill(undefined));
});

test("LATM: long lengths, several frames, and the rest of an element whose beginning is lost", () => {
  const latm = audio("MP4A-LATM", { cpresent: "0", config: "400023203fc0" })!;
  assert.deepEqual([...latm.config!.kind === "audio" ? latm.config!.description! : []].slice(0, 2), [0x11, 0x90]);
  const long = new Array(300).fill(9);
  assert.equal(latm.push(packet(0, true, 0xff, 45, long), false)[0]!.data.length, 300);
  assert.deepEqual(latm.push(packet(1, false, 0xff, 45, long.slice(0, 200)), false), []);
  assert.equal(latm.push(packet(1, true, long.slice(200)), false)[0]!.data.length, 300);
  assert.deepEqual(latm.push(packet(2, true, long.slice(200)), true), []);
  assert.deepEqual(latm.push(packet(3, true, 9, 1), false), []);
  assert.equal(audio("MP4A-LATM", { config: "400023203fc0" }), undefined); // the configuration would be in band
});

test("Opus: durations by the table of contents", () => {
  const toc = (configuration: number, code: number, ...rest: number[]) => opusDuration(Uint8Array.of((configuration << 3) | code, ...rest));
  assert.deepEqual([toc(0, 0), toc(3, 0), toc(12, 0), toc(13, 1), toc(16, 0), toc(31, 2), toc(1, 3, 6)], [480, 2880, 480, 1920, 120, 1920, 5760]);
  assert.deepEqual([toc(1, 3), toc(3, 3, 63), opusDuration(new Uint8Array(0))], [undefined, undefined, undefined]);
});

const floats = (units: Unit[]) => [...new Float32Array(units[0]!.data.buffer)];

test("G.711: the ends and the middle of both laws", () => {
  const one = (law: "mu" | "a", ...codes: number[]) => floats(g711(medium(""), law).push(packet(0, false, codes), false)).map((x) => x * 32768);
  assert.deepEqual(one("mu", 0x00, 0x80, 0xff, 0x7e), [-32124, 32124, 0, -8]);
  assert.deepEqual(one("a", 0x2a, 0xaa, 0xd5, 0x55), [-32256, 32256, 8, -8]);
});

test("linear samples of 8, 16 and 24 bits; what is cut is left out", () => {
  const stereo = medium("", {}, { channels: 2 });
  assert.deepEqual(floats(linear(medium(""), 8).push(packet(0, false, 0, 128, 192), false)), [-1, 0, 0.5]);
  assert.deepEqual(floats(linear(stereo, 16).push(packet(0, false, 0x80, 0, 0x40, 0), false)), [-1, 0.5]);
  assert.deepEqual(floats(linear(medium(""), 24).push(packet(0, false, 0x80, 0, 0, 0xff, 0xff, 0xff), false)), [-1, -1 / 8388608]);
  assert.deepEqual(linear(stereo, 16).push(packet(0, false, 1, 2, 3, 4, 5, 6), false), []);
  assert.equal(linear(stereo, 16).push(packet(0, false, 1, 2, 3, 4), false)[0]!.duration, 1);
});

test("a format that is not known has no depacketizer", () => {
  assert.equal(depacketizerOf(medium("H261")), undefined);
});
