import assert from "node:assert/strict";
import { test } from "node:test";
import { H264Depacketizer } from "../src/depacketize/h264.ts";
import { medium, packet } from "./recording.ts";

const sps = Buffer.from("Z2QADKzZQoR+XARAAAADAEAAAAyDxQplgA==", "base64"); // 160x120, High
const pps = Buffer.from("aOvssiw=", "base64");
const sprop = { "sprop-parameter-sets": `${sps.toString("base64")},${pps.toString("base64")}` };
const idr = [0x65, 0x88, 1, 2, 3, 4]; // first_mb_in_slice is 0
const idrRest = [0x65, 0x40, 5, 6, 7, 8]; // and here it is not
const p = [0x41, 0x9a, 1, 1];
const b = [0x01, 0x9b, 2, 2]; // nal_ref_idc is 0
const recovery = [0x06, 0x06, 0x01, 0xc0, 0x80];

const sized = (nal: ArrayLike<number>) => [nal.length >> 8, nal.length & 0xff, ...Array.from(nal)];
const fuA = (nal: number[], from: number, to: number) => {
  const flags = (from === 1 ? 0x80 : 0) | (to === nal.length ? 0x40 : 0) | (nal[0]! & 0x1f);
  return [(nal[0]! & 0xe0) | 28, flags, ...nal.slice(from, to)];
};
const fuB = (nal: number[], order: number, from: number, to: number) => {
  const [, flags, ...part] = fuA(nal, from, to);
  return [(nal[0]! & 0xe0) | 29, flags!, order >> 8, order & 0xff, ...part];
};
/** The NAL units of a unit as it must be. */
const unit = (...nals: number[][]) => nals.flatMap((nal) => [0, 0, ...sized(nal)]);

/** Pushes packets, L in front of one meaning that packets are lost there, and returns the bytes of what comes out. */
function run(parameters: Record<string, string>, ...packets: (ReturnType<typeof packet> | "L")[]): number[][] {
  const depacketizer = new H264Depacketizer(medium("H264", parameters));
  let lost = false;
  return packets.flatMap((next) => {
    if (next === "L") return (lost = true), [];
    const units = depacketizer.push(next, lost);
    lost = false;
    return units.map(({ data }) => [...data]);
  });
}

test("single NAL units of a picture are a unit when the marker comes", () => {
  assert.deepEqual(run(sprop, packet(1, false, idr), packet(1, true, idrRest)), [unit(idr, idrRest)]);
});

test("without a marker the next timestamp ends a picture", () => {
  assert.deepEqual(run(sprop, packet(1, false, idr), packet(2, false, p), packet(3, false, p)), [unit(idr), unit(p)]);
});

test("STAP-A with parameter sets, which the configuration has", () => {
  const depacketizer = new H264Depacketizer(medium("H264"));
  assert.equal(depacketizer.config, undefined);
  const [got] = depacketizer.push(packet(1, true, 0x78, sized(sps), sized(pps), sized(idr)), false);
  assert.deepEqual([...got!.data], unit(idr));
  assert.equal(got!.key, true);
  assert.equal(depacketizer.config!.codec, "avc1.64000C");
  assert.deepEqual([depacketizer.config!.width, depacketizer.config!.height], [160, 120]);
});

test("FU-A, and one whose only packet begins and ends it", () => {
  const parts = [packet(1, false, fuA(idr, 1, 3)), packet(1, false, fuA(idr, 3, 4)), packet(1, true, fuA(idr, 4, 6))];
  assert.deepEqual(run(sprop, ...parts, packet(2, true, fuA(p, 1, 4))), [unit(idr), unit(p)]);
});

test("fragments that do not say that they begin are known to, where nothing is missing", () => {
  const silent = (nal: number[], from: number, to: number) => fuA(nal, from, to).map((byte, i) => (i === 1 ? byte & 0x7f : byte));
  const begun = [packet(1, true, idr), packet(2, false, silent(p, 1, 2)), packet(2, true, silent(p, 2, 4))];
  assert.deepEqual(run(sprop, ...begun, packet(3, true, silent(p, 1, 4))), [unit(idr), unit(p), unit(p)]);
  const [, first, last] = begun;
  assert.deepEqual(run(sprop, packet(0, false, silent(idr, 1, 3)), packet(0, true, silent(idr, 3, 6)), ...begun), [unit(idr), unit(p)], "at the beginning");
  assert.deepEqual(run(sprop, packet(1, true, idr), "L", last!, packet(3, true, idr), first!, last!), [unit(idr), unit(idr), unit(p)], "where one is lost");
});

test("STAP-B and FU-B in decoding order; out of it they are damage", () => {
  const stap = (order: number, ...nals: number[][]) => [0x79, order >> 8, order & 0xff, ...nals.flatMap(sized)];
  const whole = [packet(1, true, stap(65535, idr)), packet(2, false, fuB(p, 0, 1, 2)), packet(2, true, fuA(p, 2, 4))];
  assert.deepEqual(run(sprop, ...whole), [unit(idr), unit(p)]);
  assert.deepEqual(run(sprop, packet(1, true, stap(5, idr)), packet(2, true, stap(4, p))), [unit(idr)]);
});

test("fragments without their beginning, end or middle make no unit, and what needs them waits", () => {
  const [first, middle, last] = [packet(1, false, fuA(idr, 1, 3)), packet(1, false, fuA(idr, 3, 4)), packet(1, true, fuA(idr, 4, 6))];
  const after = [packet(2, true, p), packet(3, true, idr)];
  assert.deepEqual(run(sprop, "L", middle, last, ...after), [unit(idr)]);
  assert.deepEqual(run(sprop, first, middle, "L", ...after), [unit(idr)]);
  assert.deepEqual(run(sprop, first, "L", last, ...after), [unit(idr)]);
  assert.deepEqual(run(sprop, first, middle, packet(1, true, idrRest), ...after), [unit(idr)]); // nobody said lost
});

test("a loss within a picture that none needs costs only that", () => {
  const pictures = [packet(1, true, idr), packet(2, false, b), "L" as const, packet(2, true, b), packet(3, true, p)];
  assert.deepEqual(run(sprop, ...pictures), [unit(idr), unit(p)]);
});

test("a loss between pictures has what follows wait for a key picture", () => {
  assert.deepEqual(run(sprop, packet(1, true, idr), "L", packet(3, true, p), packet(4, true, idr)), [unit(idr), unit(idr)]);
});

test("after a loss a key picture without its first slice does not come out", () => {
  assert.deepEqual(run(sprop, "L", packet(1, true, idrRest), packet(2, true, idr)), [unit(idr)]);
});

test("a recovery point without IDR is key, and what is shown before it is left out", () => {
  const depacketizer = new H264Depacketizer(medium("H264", sprop));
  assert.deepEqual(depacketizer.push(packet(10, true, p), false), []);
  const [got] = depacketizer.push(packet(20, true, 0x78, sized(recovery), sized(p)), false);
  assert.equal(got!.key, true);
  assert.deepEqual([...got!.data], unit(recovery, p));
  assert.deepEqual(depacketizer.push(packet(15, true, b), false), []);
  assert.equal(depacketizer.push(packet(30, true, p), false).length, 1);
});

test("a marker on parameter sets ends no picture", () => {
  assert.deepEqual(run({}, packet(1, true, sps), packet(1, true, pps), packet(1, true, idr)), [unit(idr)]);
});

test("new parameter sets at a key picture are a new configuration, the same ones are not", () => {
  const depacketizer = new H264Depacketizer(medium("H264", sprop));
  const first = depacketizer.config;
  depacketizer.push(packet(1, true, 0x78, sized(sps), sized(pps), sized(idr)), false);
  assert.equal(depacketizer.config, first);
  const other = Uint8Array.from(sps);
  other[3] = 0x1f; // the level
  depacketizer.push(packet(2, true, 0x78, sized(other), sized(pps), sized(idr)), false);
  assert.equal(depacketizer.config!.codec, "avc1.64001F");
});

test("new parameter sets between key pictures go along with the picture", () => {
  const other = [...pps, 0x80];
  const depacketizer = new H264Depacketizer(medium("H264", sprop));
  const before = depacketizer.config;
  depacketizer.push(packet(1, true, idr), false);
  const [got] = depacketizer.push(packet(2, true, 0x78, sized(other), sized(p)), false);
  assert.deepEqual([...got!.data], unit(other, p));
  assert.equal(depacketizer.config, before);
});

test("without parameter sets nothing comes out", () => {
  assert.deepEqual(run({}, packet(1, true, idr), packet(2, true, p)), []);
  assert.deepEqual(run({ "sprop-parameter-sets": "%%,Z2QADA" }, packet(1, true, idr)), []);
});
