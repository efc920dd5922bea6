import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../src/depacketize/assembly.ts";
import { depacketizerOf } from "../src/depacketize/index.ts";
import { leb128 } from "../src/depacketize/leb128.ts";
import { nalsOf, parseAvcC } from "../src/publish/avcc.ts";
import { av1Packetizer } from "../src/publish/packetize/av1.ts";
import { h264Packetizer } from "../src/publish/packetize/h264.ts";
import { opusPacketizer } from "../src/publish/packetize/opus.ts";
import { maxPayload, type Packetizer } from "../src/publish/packetize/packetizer.ts";
import { vp8Packetizer } from "../src/publish/packetize/vp8.ts";
import { medium, packet, recording } from "./recording.ts";

/** Units as a depacketizer makes them of what a packetizer made. */
function thereAndBack(encoding: string, packetize: Packetizer, units: { data: Uint8Array; key: boolean }[], most = maxPayload) {
  const depacketizer = depacketizerOf(medium(encoding))!;
  const got = units.flatMap(({ data, key }, i) => {
    const payloads = packetize(data, key);
    for (const payload of payloads) assert.ok(payload.length <= most, `${payload.length} bytes`);
    return payloads.flatMap((payload, n) => depacketizer.push(packet(i + 1, n === payloads.length - 1, payload), false));
  });
  return { config: depacketizer.config, units: got.map(({ data, key }) => ({ data, key })) };
}

/** What is in a recording, as an encoder would give it. */
function encoded(name: string) {
  const { media, packets } = recording(name);
  const depacketizer = depacketizerOf(media)!;
  let last = packets[0]!.sequence - 1;
  const units = packets.flatMap((p) => {
    const lost = p.sequence !== ((last + 1) & 0xffff);
    last = p.sequence;
    return depacketizer.push(p, lost);
  });
  return { config: depacketizer.config!, units: units.map(({ data, key }) => ({ data, key })) };
}

const filled = (length: number, ...head: number[]) => joined(head, Array.from({ length: length - head.length }, (_, i) => (i % 250) + 1));
const sizes = [10, 100, 1185, 1186, 1187, 1188, 1189, 1190, 1200, 2371, 2372, 2373, 2374, 5000, 100000];

test("recorded pictures survive packets of every size", () => {
  for (const most of [30, 200, maxPayload, 60000]) {
    const h264 = encoded("h264");
    const avcC = parseAvcC((h264.config as { description: Uint8Array }).description)!;
    const forms: [string, string, Packetizer][] = [
      ["h264", "H264", h264Packetizer(avcC, most)],
      ["vp8", "VP8", vp8Packetizer(most)],
      ["av1", "AV1", av1Packetizer(most)],
    ];
    for (const [name, encoding, packetize] of forms) {
      const want = encoded(name);
      assert.ok(want.units.length > 5 && want.units[0]!.key);
      assert.deepEqual(thereAndBack(encoding, packetize, want.units, most), want, `${name} ${most}`);
    }
  }
});

test("H.264: NAL units of every size around a packet", () => {
  const { config, units } = encoded("h264");
  const avcC = parseAvcC((config as { description: Uint8Array }).description)!;
  const sized = (nal: Uint8Array) => joined([nal.length >> 24, nal.length >> 16, nal.length >> 8, nal.length], nal);
  const want = [units[0]!, ...sizes.map((size) => ({ data: sized(filled(size, 0x41, 0x9a)), key: false }))];
  assert.deepEqual(thereAndBack("H264", h264Packetizer(avcC), want).units, want);
});

test("H.264: parameter sets go with key pictures, unless those have them", () => {
  const avcC = { profile: Uint8Array.of(0x42, 0xe0, 0x1f), lengthSize: 4, sets: [Uint8Array.of(0x67, 1), Uint8Array.of(0x68, 2)] };
  const packetize = h264Packetizer(avcC);
  const idr = Uint8Array.of(0, 0, 0, 2, 0x65, 9);
  assert.deepEqual(packetize(idr, true).map(String), ["120,0,2,103,1,0,2,104,2,0,2,101,9"]);
  assert.deepEqual(packetize(joined([0, 0, 0, 2, 0x67, 3], idr), true).map(String), ["120,0,2,103,3,0,2,101,9"]);
  assert.deepEqual(packetize(Uint8Array.of(0, 0, 0, 2, 0x41, 9), false).map(String), ["65,9"]);
});

test("H.264: an access unit that is cut off gives what is whole", () => {
  const unit = Uint8Array.of(0, 2, 0x41, 9, 0, 0, 0, 5, 0x41);
  assert.deepEqual(nalsOf(unit, 2).map(String), ["65,9"]);
  const avcC = (encoded("h264").config as { description: Uint8Array }).description;
  for (let end = 0; end < avcC.length - 4; end++) parseAvcC(avcC.subarray(0, end)); // and nothing throws
  assert.equal(parseAvcC(Uint8Array.of(0, 1, 2, 3, 4, 5, 6)), undefined);
});

test("VP8: frames of every size around a packet", () => {
  const key = filled(3000, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0xa0, 0x00, 0x78, 0x00);
  const want = [{ data: key, key: true }, ...sizes.map((size) => ({ data: filled(size, 0x11), key: false }))];
  assert.deepEqual(thereAndBack("VP8", vp8Packetizer(), want).units, want);
});

test("AV1: OBUs of every size around a packet, with extension; a delimiter stays behind", () => {
  const key = encoded("av1").units[0]!;
  const obu = (size: number) => joined([0x36, 0x08], leb128(size), filled(size, 0x30)); // OBU_FRAME
  const pictures = sizes.flatMap((size) => [obu(size), joined(obu(size), obu(7), obu(size))]);
  const want = [key, ...pictures.map((data) => ({ data, key: false }))];
  const given = want.map(({ data, key }) => ({ data: joined([0x12, 0x00], data), key }));
  assert.deepEqual(thereAndBack("AV1", av1Packetizer(), given).units, want);
});

test("AV1: the first packet of a key picture says that a sequence begins", () => {
  const [key, inter] = encoded("av1").units;
  const begins = (payload: Uint8Array) => (payload[0]! & 0x08) !== 0;
  assert.deepEqual(av1Packetizer(100)(key!.data, true).map(begins).slice(0, 2), [true, false]);
  assert.ok(!av1Packetizer()(inter!.data, false).some(begins));
});

test("Opus: a packet is a payload", () => {
  const want = encoded("opus").units;
  assert.deepEqual(thereAndBack("OPUS", opusPacketizer(), want).units, want);
});
