import assert from "node:assert/strict";
import { test } from "node:test";
import { maxUnit } from "../src/depacketize/assembly.ts";
import { depacketizerOf } from "../src/depacketize/index.ts";
import type { Media, RtpPacket, Unit } from "../src/types.ts";
import { medium, packet, recording } from "./recording.ts";

const names = ["h264", "h264-inband", "h264-open", "h265", "vp8", "vp9", "av1", "jpeg", "aac", "latm", "opus", "pcmu", "l16"];

/** Numbers below one that are the same in each run (xorshift). */
function random(seed: number): () => number {
  let state = seed * 2654435761 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function play(media: Media, packets: RtpPacket[]): Unit[] {
  const depacketizer = depacketizerOf(media)!;
  return packets.flatMap((packet) => depacketizer.push(packet, false));
}

for (const name of names) {
  test(`${name}: after losses only whole units come out, and all from the next key picture on`, () => {
    const { media, packets } = recording(name);
    const whole = play(media, packets);
    const half = packets.length >> 1;
    const keys = whole.filter((unit) => unit.key).map((unit) => unit.timestamp);
    const back = packets.findIndex((packet, i) => i > half && keys.includes(packet.timestamp) && !samePicture(packets[i - 1]!, packet));
    for (let seed = 1; seed <= 40; seed++) {
      const depacketizer = depacketizerOf(media)!;
      const rnd = random(seed);
      const got: Unit[] = [];
      let lost = false;
      packets.forEach((packet, i) => {
        const drop = i < half ? rnd() < 0.15 : i === back - 1 && seed % 2 === 0;
        if (!drop) got.push(...depacketizer.push(packet, lost));
        lost = drop;
      });
      for (const unit of got) assert.ok(whole.some((other) => sameUnit(unit, other) || lacksMessages(unit, other)), `seed ${seed}: a unit that was not sent`);
      const due = whole.slice(whole.findIndex((unit) => unit.timestamp === packets[back]!.timestamp));
      const came = got.slice(got.findIndex((unit) => unit.timestamp === packets[back]!.timestamp));
      assert.deepEqual(came, name === "h264-open" || name === "h265" ? shown(due, came) : due, `seed ${seed}`);
      assert.ok(decodable(name, got, whole), `seed ${seed}: a picture without what it needs`);
    }
  });

  test(`${name}: mangled packets harm nobody, and are forgotten`, () => {
    const { media, packets } = recording(name);
    const whole = play(media, packets);
    const depacketizer = depacketizerOf(media)!;
    const rnd = random(7);
    for (let round = 0; round < 30; round++) {
      for (const packet of packets) {
        for (const unit of depacketizer.push(mangled(packet, rnd), rnd() < 0.05)) assert.ok(unit.data.length <= 2 * maxUnit);
      }
    }
    const got = packets.flatMap((packet, i) => depacketizer.push(packet, i === 0));
    const from = got.findIndex((unit) => sameUnit(unit, whole[0]!));
    assert.deepEqual(got.slice(from), whole);
  });

  test(`${name}: whatever comes, no more goes out than came in, but for the headers of units`, () => {
    const { media, packets } = recording(name);
    const rnd = random(11);
    const any = (n: number) => Math.floor(rnd() * n);
    for (let round = 0; round < 60; round++) {
      const depacketizer = depacketizerOf(media)!;
      let [came, went, units] = [0, 0, 0];
      for (let i = 0; i < 200; i++) {
        const like = packets[any(packets.length)]!;
        const payload = Uint8Array.from({ length: any(rnd() < 0.9 ? 40 : 3000) }, (_, at) => (at < any(8) ? (like.payload[at] ?? 0) : any(256)));
        const timestamp = like.timestamp + (rnd() < 0.1 ? any(2 ** 32) : 0);
        came += payload.length;
        for (const unit of depacketizer.push({ ...like, marker: rnd() < 0.3, timestamp: timestamp >>> 0, payload }, rnd() < 0.05)) {
          units++;
          went += unit.data.length;
        }
      }
      assert.ok(went <= 4 * came + 1024 * units, `round ${round}: ${went} bytes of ${came} in ${units} units`);
    }
  });

  test(`${name}: no packet that is cut anywhere throws`, () => {
    const { media, packets } = recording(name);
    for (const packet of packets.slice(0, 4)) {
      const end = Math.min(packet.payload.length, 100);
      for (let length = 0; length <= end; length++) {
        const depacketizer = depacketizerOf(media)!;
        const cut = { ...packet, payload: packet.payload.subarray(0, length) };
        assert.ok(depacketizer.push(cut, false).every((unit) => unit.data.length > 0));
      }
    }
  });
}

function samePicture(a: RtpPacket, b: RtpPacket): boolean {
  return a.timestamp === b.timestamp && !a.marker;
}

function sameUnit(a: Unit, b: Unit): boolean {
  return a.timestamp === b.timestamp && a.key === b.key && Buffer.from(a.data).equals(b.data);
}

/** SEI in front of the slices of H.264 may be lost with a packet of its own: the picture is whole without. */
function lacksMessages(got: Unit, sent: Unit): boolean {
  const front = sent.data.subarray(0, sent.data.length - got.data.length);
  const size = front.length < 5 ? -1 : new DataView(front.buffer, front.byteOffset).getUint32(0);
  return size === front.length - 4 && front[4] === 6 && Buffer.from(sent.data).subarray(front.length).equals(got.data);
}

/** What is due, without what is shown before the key picture, if that did not come. */
function shown(due: Unit[], came: Unit[]): Unit[] {
  const later = due.filter((unit) => ((unit.timestamp - due[0]!.timestamp) | 0) >= 0);
  return came.length === due.length ? due : later;
}

/** Where the units leave one of the whole out, the next is key, or what is left out is needed by none. */
function decodable(name: string, got: Unit[], whole: Unit[]): boolean {
  let at = -1;
  return got.every((unit) => {
    const index = whole.findIndex((other) => unit.timestamp === other.timestamp);
    const between = whole.slice(at + 1, index);
    at = index;
    return unit.key || between.every((other) => isDisposable(name, other, whole));
  });
}

/** No other needs the picture, by its first NAL unit; or it is a leading one of an open group. Sound is needed by none. */
function isDisposable(name: string, unit: Unit, whole: Unit[]): boolean {
  const key = whole.slice(0, whole.indexOf(unit)).filter((other) => other.key).at(-1);
  const header = unit.data[4]!;
  if (name.startsWith("h26") && key !== undefined && ((unit.timestamp - key.timestamp) | 0) < 0) return true;
  if (name.startsWith("h264")) return (header & 0x60) === 0; // nal_ref_idc
  return name === "h265" && (header & 0xe2) === 0; // an even type below 16
}

/** One of the ways in which a packet can be wrong. */
function mangled(packet: RtpPacket, rnd: () => number): RtpPacket {
  const payload = packet.payload.slice();
  const any = (n: number) => Math.floor(rnd() * n);
  switch (any(8)) {
    case 0:
      return { ...packet, payload: payload.subarray(0, any(payload.length)) };
    case 1:
      for (let i = 0; i < 5; i++) payload[any(payload.length)] = any(256);
      return { ...packet, payload };
    case 2:
      for (let i = 0; i < Math.min(12, payload.length); i++) payload[i] = any(256);
      return { ...packet, payload };
    case 3:
      return { ...packet, payload: Uint8Array.from({ length: any(60) }, () => any(256)) };
    case 4:
      return { ...packet, timestamp: any(2 ** 32), marker: rnd() < 0.5, payload };
    case 5:
      return { ...packet, marker: !packet.marker, payload };
    default:
      return packet;
  }
}

/** For each format a packet that begins a picture, and one that goes on with it. */
const endless: Record<string, [number[], number[]]> = {
  H264: [[0x7c, 0x85], [0x7c, 0x05]],
  H265: [[0x62, 0x01, 0x93], [0x62, 0x01, 0x13]],
  AV1: [[0x50], [0xd0]],
  VP8: [[0x10, 0], [0x00]],
  VP9: [[0x08], [0x00]],
};

for (const [encoding, [first, next]] of Object.entries(endless)) {
  test(`${encoding}: a picture that never ends does not grow, and does not come out`, () => {
    const depacketizer = depacketizerOf(medium(encoding))!;
    const filler = new Uint8Array(60000).fill(0x81);
    const before = process.memoryUsage().arrayBuffers;
    assert.deepEqual(depacketizer.push(packet(1, false, first, filler), false), []);
    const more = { ...packet(1, false), payload: Uint8Array.of(...next, ...filler) };
    for (let i = 0; i < 1000; i++) assert.deepEqual(depacketizer.push(more, false), []);
    assert.ok(process.memoryUsage().arrayBuffers - before < 5 * maxUnit);
    assert.deepEqual(depacketizer.push({ ...more, marker: true }, false), []);
  });
}
