import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../layers/by_hand.ts";
import { dump } from "../layers/detail.ts";
import { isKey } from "../layers/payload.ts";
import { rtcp, summary } from "../layers/rtcp.ts";
import { head, rtp } from "../layers/rtp.ts";
import { entries } from "../layers/trace.ts";

const bytes = (hex: string) => Uint8Array.from(hex.replaceAll(" ", "").match(/../g) ?? [], (h) => parseInt(h, 16));

test("an RTP header field by field", () => {
  // Version 2, extension, one CSRC, marker, type 96; then an extension of one word, and an FU-A that starts an IDR slice.
  const parts = rtp(bytes("91e0 1234 00015f90 cafebabe 00000007 bede 0001 10ff0000 7c 85 88"), "H264");
  const said = Object.fromEntries(parts.flatMap((p) => p.fields.map((f) => [f.name, f.value])));
  assert.equal(parts.length, 2);
  assert.equal(said["version"], "2");
  assert.equal(said["extension"], "4 bytes");
  assert.equal(said["CSRC 1"], "0x00000007");
  assert.equal(said["marker"], "1");
  assert.equal(said["payload type"], "96");
  assert.equal(said["sequence number"], String(0x1234));
  assert.equal(said["timestamp"], "90000");
  assert.equal(said["SSRC"], "0xcafebabe");
  assert.equal(said["NAL type"], "28 FU-A");
  assert.equal(said["NAL type inside"], "5 IDR slice");
  const sequence = parts[0]!.fields.find((f) => f.name === "sequence number")!;
  assert.deepEqual([sequence.bit, sequence.bits], [16, 16]);
});

test("what is cut short says what is there", () => {
  for (let n = 0; n < 30; n++) {
    const b = bytes("91e0 1234 00015f90 cafebabe 00000007 bede 0001 10ff0000 7c 85 88").subarray(0, n);
    rtp(b, "H264");
    rtcp(b);
  }
  assert.equal(head(bytes("80")), undefined);
});

test("an RTCP compound", () => {
  const b = bytes("80c80006 00000001 83aa7e80 80000000 00015f90 00000005 00000400 81ca0003 00000001 0103616263 000000 81cb0001 00000001");
  assert.equal(summary(b), "Sender report, Source description, Goodbye");
  const said = Object.fromEntries(rtcp(b)[0]!.fields.map((f) => [f.name, f.value]));
  assert.match(said["NTP seconds"]!, /1970-01-01T00:00:00Z/);
  assert.match(said["NTP fraction"]!, /500\.000 ms/);
  assert.equal(rtcp(b)[1]!.fields.at(-1)!.value, "abc");
});

test("key pictures are marked", () => {
  assert.ok(isKey(bytes("65"), 0, "H264"));
  assert.ok(isKey(bytes("7c85"), 0, "H264"));
  assert.ok(!isKey(bytes("7c05"), 0, "H264"));
  assert.ok(!isKey(bytes("41"), 0, "H264"));
  assert.ok(isKey(bytes("2601"), 0, "H265"));
  assert.ok(!isKey(bytes("0201"), 0, "H265"));
});

test("a request by hand", () => {
  assert.deepEqual(parse("OPTIONS"), { method: "OPTIONS", uri: "", headers: [], body: "" });
  assert.deepEqual(parse("PLAY rtsp://a/b | Range: npt=3- | Scale: 2").headers, [["Range", "npt=3-"], ["Scale", "2"]]);
  assert.deepEqual(parse("GET_PARAMETER * | X: a:b"), { method: "GET_PARAMETER", uri: "*", headers: [["X", "a:b"]], body: "" });
});

test("the trace of a gateway", () => {
  const text = new TextEncoder();
  const one = (o: object, data: Uint8Array) => {
    const json = text.encode(JSON.stringify(o));
    const b = new Uint8Array(8 + json.length + data.length);
    new DataView(b.buffer).setUint32(0, json.length);
    b.set(json, 4);
    new DataView(b.buffer).setUint32(4 + json.length, data.length);
    b.set(data, 8 + json.length);
    return b;
  };
  const a = one({ at: 1_500_000, sent: true, kind: "message", local: "a:1", remote: "b:2" }, text.encode("OPTIONS"));
  const b = one({ at: 2, kind: "lost", lost: 7 }, new Uint8Array());
  const all = [...entries(Uint8Array.from([...a, ...b]))];
  assert.equal(all.length, 2);
  assert.equal(all[0]!.seen.at, 1500);
  assert.equal(new TextDecoder().decode(all[0]!.seen.data), "OPTIONS");
  assert.equal(all[1]!.lost, 7);
});

test("bytes as numbers and text", () => {
  assert.match(dump(bytes("414200ff")), /^0000 {2}41 42 00 ff +AB··$/);
  assert.match(dump(new Uint8Array(600)), /88 bytes more$/);
});
