import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRtcp, receiverReport, senderReport, type ReportBlock } from "../src/rtsp/rtcp.ts";

function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replace(/\s/g, ""), "hex"));
}

const block: ReportBlock = { ssrc: 0xdeadbeef, fractionLost: 0.25, lost: -2, highest: 0x0001fffe, jitter: 77, lastReport: 0x12345678, delay: 65536 };

test("a sender report, byte for byte", () => {
  const sr = bytes(`81c8 000c 01020304 83aa7e80 80000000 0000ffff 00000005 00000400
    deadbeef 40fffffe 0001fffe 0000004d 12345678 00010000`);
  assert.deepEqual(parseRtcp(sr), [
    { type: "sr", ssrc: 0x01020304, time: 500, timeWord: 0x7e808000, timestamp: 0xffff, packets: 5, bytes: 1024, reports: [block] },
  ]);
});

test("a receiver report with its name, byte for byte and back", () => {
  const rr = receiverReport(7, "baton", [block]);
  assert.deepEqual(rr, bytes(`81c9 0007 00000007 deadbeef 40fffffe 0001fffe 0000004d 12345678 00010000
    81ca 0003 00000007 0105 6261746f6e 00`));
  assert.deepEqual(parseRtcp(rr), [{ type: "rr", ssrc: 7, reports: [block] }, { type: "sdes", sources: [{ ssrc: 7, cname: "baton" }] }]);
});

test("names of every length are whole words with a zero behind them", () => {
  for (let length = 0; length < 300; length++) {
    const rr = receiverReport(1, "x".repeat(length), []);
    assert.equal(rr.length % 4, 0);
    assert.equal(rr.at(-1), 0);
    assert.deepEqual(parseRtcp(rr)[1], { type: "sdes", sources: [{ ssrc: 1, cname: "x".repeat(Math.min(length, 255)) }] });
  }
});

test("values that do not fit are kept within what the fields hold", () => {
  const [rr] = parseRtcp(receiverReport(1, "x", Array.from({ length: 40 }, () => ({ ...block, lost: 1e9, fractionLost: 2 }))));
  assert.equal(rr!.type === "rr" && rr.reports.length, 31);
  assert.deepEqual(rr!.type === "rr" && [rr.reports[0]!.lost, rr.reports[0]!.fractionLost], [0x7fffff, 255 / 256]);
});

test("a sender's own report is read again", () => {
  const time = 1_700_000_000_250;
  const [sr] = parseRtcp(senderReport({ ssrc: 9, time, timestamp: 0xfffffff0, packets: 3, bytes: 99 }, "me"));
  assert.ok(sr?.type === "sr");
  assert.ok(Math.abs(sr.time - time) < 0.001);
  assert.deepEqual([sr.ssrc, sr.timestamp, sr.packets, sr.bytes], [9, 0xfffffff0, 3, 99]);
});

test("BYE, two names, padding, and what nobody knows", () => {
  const compound = bytes(`82cb 0003 00000001 00000002 03656e64
    82ca 0004 00000001 0101 6100 00000002 0101 6200
    80cc 0001 00000000
    a0c9 0002 00000005 00000004`);
  assert.deepEqual(parseRtcp(compound), [
    { type: "bye", ssrcs: [1, 2], reason: "end" },
    { type: "sdes", sources: [{ ssrc: 1, cname: "a" }, { ssrc: 2, cname: "b" }] },
    { type: "rr", ssrc: 5, reports: [] },
  ]);
});

test("what is damaged gives less, and never throws", () => {
  const whole = new Uint8Array([...receiverReport(7, "baton", [block]), ...bytes("81cb 0002 00000001 03656e64")]);
  for (let cut = 0; cut < whole.length; cut++) assert.ok(parseRtcp(whole.slice(0, cut)).length <= 2);
  let seed = 7;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;
  for (let round = 0; round < 20000; round++) {
    const broken = whole.slice();
    for (let i = random() % 6; i >= 0; i--) broken[random() % broken.length] = random();
    parseRtcp(broken);
  }
});
