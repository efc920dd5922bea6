import assert from "node:assert/strict";
import { test } from "node:test";
import { Held } from "../src/playback/held.ts";
import { Reception } from "../src/playback/reception.ts";
import { parseRtp } from "../src/playback/rtp.ts";
import { Track } from "../src/playback/track.ts";
import type { RtpPacket } from "../src/types.ts";
import { medium } from "./recording.ts";

/** An RTP packet of eight samples of PCMU. */
function wire(sequence: number, timestamp: number, ssrc = 1): Uint8Array {
  const packet = new Uint8Array(20).fill(0xff, 12);
  const view = new DataView(packet.buffer);
  packet[0] = 0x80;
  view.setUint16(2, sequence);
  view.setUint32(4, timestamp);
  view.setUint32(8, ssrc);
  return packet;
}

const sound = medium("PCMU", {}, { kind: "audio", payloadType: 0, clockRate: 8000 });

test("an RTP packet is taken apart, with all that may be in it", () => {
  const plain = [0x80, 0xe0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5, 1, 2];
  const full = [0xb1, 0xe0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 8, 8, 8, 8, 1, 2, 0, 2];
  for (const bytes of [plain, full]) {
    const packet = parseRtp(Uint8Array.from(bytes))!;
    assert.deepEqual({ ...packet, payload: [...packet.payload] }, { marker: true, payloadType: 96, sequence: 7, timestamp: 9, ssrc: 5, payload: [1, 2] });
  }
});

test("an RTP packet that is cut anywhere is read or refused, and nothing else", () => {
  const full = Uint8Array.from([0xb1, 0xe0, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5, 9, 9, 9, 9, 0xbe, 0xde, 0, 1, 8, 8, 8, 8, 1, 2, 0, 2]);
  for (let size = 0; size < full.length; size++) assert.doesNotThrow(() => parseRtp(full.subarray(0, size)));
  for (let size = 0; size < 24; size++) assert.equal(parseRtp(full.subarray(0, size)), undefined, `${size}`);
});

test("a track tells the seconds since the start of RTP-Info", () => {
  const track = new Track(sound);
  track.begin({ track: 0, seq: 10, rtptime: 0xfffffff0 });
  assert.equal(track.packet(wire(10, 0xfffffff0), 0)[0]?.seconds, 0);
  assert.equal(track.packet(wire(11, 0x00000030), 0)[0]?.seconds, 0.008);
});

test("what was sent before the start is left out", () => {
  const track = new Track(sound);
  track.begin({ track: 0, seq: 3, rtptime: 8000 });
  assert.deepEqual(track.packet(wire(0xfffe, 7984), 0), []);
  assert.deepEqual(track.packet(wire(2, 7992), 0), []);
  assert.equal(track.packet(wire(3, 8000), 0).length, 1);
});

test("RTP-Info beyond belief is not believed", () => {
  const track = new Track(sound);
  track.begin({ track: 0, seq: 20000, rtptime: 0 });
  assert.equal(track.packet(wire(1, 0x7000_0000), 0)[0]?.seconds, 0);
});

test("what comes twice, or too late, is left out", () => {
  const track = new Track(sound);
  track.begin(undefined);
  const counts = [5, 6, 6, 5, 7].map((sequence) => track.packet(wire(sequence, sequence * 8), 0).length);
  assert.deepEqual(counts, [1, 1, 0, 0, 1]);
});

const packet = (sequence: number, timestamp: number, ssrc = 1): RtpPacket => parseRtp(wire(sequence, timestamp, ssrc))!;

test("lost packets are counted, over the wrap as well", () => {
  const reception = new Reception(8000);
  const arrivals = [65534, 65535, 1, 2].map((sequence) => reception.packet(packet(sequence, 0), 0));
  assert.deepEqual(arrivals, ["next", "next", "gap", "next"]);
  const block = reception.block(0)!;
  assert.deepEqual([reception.lost, block.lost, block.highest, block.fractionLost], [1, 1, 65538, 0.2]);
  assert.equal(reception.block(0)!.fractionLost, 0);
});

test("a source that ends is no loss, and the next one begins anew", () => {
  const reception = new Reception(8000);
  reception.packet(packet(1, 0), 0);
  reception.packet(packet(3, 0), 0);
  assert.equal(reception.packet(packet(50000, 0, 2), 0), "restart");
  assert.equal(reception.lost, 1);
  assert.equal(reception.block(0)!.lost, 0);
});

test("jitter is that of RFC 3550", () => {
  const even = new Reception(8000);
  for (let i = 0; i < 100; i++) even.packet(packet(i, i * 160), 1e12 + i * 20);
  assert.ok(even.jitter < 0.0005);
  const shaken = new Reception(8000);
  for (let i = 0; i < 200; i++) shaken.packet(packet(i, i * 160), 1e12 + i * 20 + (i % 2) * 10);
  assert.ok(Math.abs(shaken.jitter - 0.01) < 0.001, `${shaken.jitter}`);
});

test("a report repeats the sender's, and how long ago it was", () => {
  const reception = new Reception(8000);
  reception.packet(packet(1, 0), 0);
  reception.senderReport({ type: "sr", ssrc: 1, time: 0, timeWord: 77, timestamp: 0, packets: 0, bytes: 0, reports: [] }, 1000);
  const { lastReport, delay } = reception.block(1500)!;
  assert.deepEqual([lastReport, delay], [77, 32768]);
});

test("packets are held until it is known where they belong", () => {
  const held = new Held();
  const hold = (sequence: number, track = 0) => held.add({ track, rtcp: false, data: wire(sequence, 0), at: 0 });
  for (const sequence of [65535, 0, 1]) hold(sequence);
  hold(5, 1);
  const kept = held.since([{ track: 0, seq: 0 }, { track: 1 }]);
  assert.deepEqual(kept.map(({ data }) => data[3]), [0, 1]);
  assert.deepEqual(held.all(), []);
});

test("packets that nobody asks for do not pile up", () => {
  const held = new Held();
  for (let i = 0; i < 100_000; i++) held.add({ track: 0, rtcp: false, data: wire(i & 0xffff, 0), at: 0 });
  assert.ok(held.all().length <= 4096);
});
