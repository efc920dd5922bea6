import assert from "node:assert/strict";
import { test } from "node:test";
import { H265Depacketizer } from "../src/depacketize/h265.ts";
import { medium, packet, recording } from "./recording.ts";

const sprop = Object.fromEntries(recording("h265").media.parameters);
const set = (name: string) => Buffer.from(sprop[name]!, "base64");
const idr = [0x26, 0x01, 0xaf, 1, 2, 3]; // IDR_W_RADL, first_slice_segment_in_pic_flag
const idrRest = [0x26, 0x01, 0x2f, 4, 5, 6];
const cra = [0x2a, 0x01, 0xaf, 7, 8, 9];
const rasl = [0x10, 0x01, 0xd0, 1, 1];
const p = [0x02, 0x01, 0xd0, 2, 2]; // TRAIL_R
const b = [0x00, 0x01, 0xe0, 3, 3]; // TRAIL_N

const sized = (nal: ArrayLike<number>) => [nal.length >> 8, nal.length & 0xff, ...Array.from(nal)];
const unit = (...nals: number[][]) => nals.flatMap((nal) => [0, 0, ...sized(nal)]);
const fu = (nal: number[], from: number, to: number, ...number: number[]) => {
  const flags = (from === 2 ? 0x80 : 0) | (to === nal.length ? 0x40 : 0) | (nal[0]! >> 1);
  return [(nal[0]! & 0x81) | (49 << 1), nal[1]!, flags, ...number, ...nal.slice(from, to)];
};
const ap = (...parts: number[][]) => [0x60, 0x01, ...parts.flat()];

function run(parameters: Record<string, string>, ...packets: (ReturnType<typeof packet> | "L")[]): number[][] {
  const depacketizer = new H265Depacketizer(medium("H265", parameters));
  let lost = false;
  return packets.flatMap((next) => {
    if (next === "L") return (lost = true), [];
    const units = depacketizer.push(next, lost);
    lost = false;
    return units.map(({ data }) => [...data]);
  });
}

test("single NAL units, AP and FU", () => {
  const parts = [packet(2, false, fu(p, 2, 3)), packet(2, true, fu(p, 3, 5))];
  const got = run(sprop, packet(1, true, ap(sized(idr), sized(idrRest))), ...parts, packet(3, true, b));
  assert.deepEqual(got, [unit(idr, idrRest), unit(p), unit(b)]);
});

test("an AP of parameter sets and a key picture is all that a decoder needs", () => {
  const depacketizer = new H265Depacketizer(medium("H265"));
  const sets = ["sprop-vps", "sprop-sps", "sprop-pps"].map((name) => sized(set(name)));
  const [got] = depacketizer.push(packet(1, true, ap(...sets, sized(idr))), false);
  assert.deepEqual([...got!.data], unit(idr));
  assert.deepEqual([depacketizer.config!.width, depacketizer.config!.height], [160, 120]);
});

test("decoding order numbers are taken off", () => {
  const numbered = { ...sprop, "sprop-max-don-diff": "1" };
  const single = (nal: number[], order: number) => [...nal.slice(0, 2), 0, order, ...nal.slice(2)];
  const got = run(
    numbered,
    packet(1, true, ap([0, 7], sized(idr), [0], sized(idrRest))),
    packet(2, false, fu(p, 2, 3, 0, 9)),
    packet(2, true, fu(p, 3, 5)),
    packet(3, true, single(b, 10)),
    packet(4, true, single(p, 3)), // it should have come before: what needs it cannot be decoded
    packet(5, true, single(p, 4)),
  );
  assert.deepEqual(got, [unit(idr, idrRest), unit(p), unit(b)]);
});

test("a loss within a picture that none needs costs only that, another everything up to a key picture", () => {
  const lossIn = (nal: number[]) => [packet(1, true, idr), packet(2, false, nal), "L" as const, packet(2, true, nal), packet(3, true, p)];
  assert.deepEqual(run(sprop, ...lossIn(b)), [unit(idr), unit(p)]);
  assert.deepEqual(run(sprop, ...lossIn(p), packet(4, true, idr)), [unit(idr), unit(idr)]);
});

test("decoding begins at CRA, without the pictures that are shown before it", () => {
  const got = run(sprop, packet(10, true, p), packet(20, true, cra), packet(15, true, rasl), packet(30, true, p));
  assert.deepEqual(got, [unit(cra), unit(p)]);
  const whole = run(sprop, packet(10, true, idr), packet(20, true, cra), packet(15, true, rasl), packet(30, true, p));
  assert.deepEqual(whole, [unit(idr), unit(cra), unit(rasl), unit(p)]);
});

test("after a loss a key picture without its first slice does not come out", () => {
  assert.deepEqual(run(sprop, "L", packet(1, true, idrRest), packet(2, true, idr)), [unit(idr)]);
});
