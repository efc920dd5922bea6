import assert from "node:assert/strict";
import { test } from "node:test";
import { headerOf, headersOf, parseParameters, toBytes, toFrame, type Frame, type Request, type Response } from "../src/rtsp/message.ts";
import { MessageReader } from "../src/rtsp/reader.ts";

type Item = Request | Response | Frame;

const encoder = new TextEncoder();

function all(reader: MessageReader): Item[] {
  const items: Item[] = [];
  for (let item = reader.next(); item !== undefined; item = reader.next()) items.push(item);
  return items;
}

function read(bytes: Uint8Array, channels: number[] = []): Item[] {
  const reader = new MessageReader(new Set(channels));
  reader.push(bytes);
  return all(reader);
}

function join(...parts: (Uint8Array | string)[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts.map((p) => (typeof p === "string" ? encoder.encode(p) : p))));
}

const rtp = Uint8Array.from({ length: 20 }, (_, i) => (i === 0 ? 0x80 : i));
const stream = join(
  "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\nX-Folded: a,\r\n  b\r\n\r\nb\r\ny",
  toFrame(0, rtp),
  "OPTIONS rtsp://h/ä RTSP/1.0\ncseq: 7\n\n",
  toFrame(1, rtp),
  "\r\nRTSP/1.0 404 Not Found\rCSeq: 2\r\r",
  toFrame(0, rtp),
);

function check(items: Item[]): void {
  assert.deepEqual(items.map((i) => i.kind), ["response", "frame", "request", "frame", "response", "frame"]);
  const [ok, frame, request, second, missing, third] = items as [Response, Frame, Request, Frame, Response, Frame];
  assert.deepEqual([ok.status, ok.reason, Buffer.from(ok.body).toString(), headerOf(ok.headers, "x-folded")], [200, "OK", "b\r\ny", "a, b"]);
  assert.deepEqual([frame, second, third].map((f) => [f.channel, ...f.payload]), [[0, ...rtp], [1, ...rtp], [0, ...rtp]]);
  assert.deepEqual([request.method, request.uri, request.headers], ["OPTIONS", "rtsp://h/ä", [["cseq", "7"]]]);
  assert.deepEqual([missing.status, missing.reason, missing.start], [404, "Not Found", "RTSP/1.0 404 Not Found"]);
}

test("a stream that is cut at any byte is the same stream", () => {
  for (let cut = 0; cut <= stream.length; cut++) {
    const reader = new MessageReader(new Set([0, 1]));
    const items: Item[] = [];
    for (const part of [stream.slice(0, cut), stream.slice(cut)]) {
      reader.push(part);
      items.push(...all(reader));
    }
    check(items);
  }
});

test("a stream that comes byte by byte is the same stream", () => {
  const reader = new MessageReader(new Set([0, 1]));
  const items: Item[] = [];
  for (const byte of stream) {
    reader.push(Uint8Array.of(byte));
    items.push(...all(reader));
  }
  check(items);
});

test("what was given out stays as it was", () => {
  const reader = new MessageReader(new Set([0]));
  reader.push(toFrame(0, rtp));
  const [first] = all(reader) as [Frame];
  for (const byte of join(toFrame(0, new Uint8Array(20)), toFrame(0, new Uint8Array(20)))) {
    reader.push(Uint8Array.of(byte));
    all(reader);
  }
  assert.deepEqual(first.payload, rtp);
});

test("a frame before any channel is known, and an empty one, are frames", () => {
  assert.deepEqual(read(join(toFrame(4, rtp), toFrame(9, new Uint8Array(0)))).map((i) => (i as Frame).channel), [4, 9]);
});

test("garbage between frames is stepped over, within a bound", () => {
  const junk = Uint8Array.from({ length: 5000 }, (_, i) => (i * 131) & 0xff);
  const items = read(join(toFrame(0, rtp), junk, toFrame(0, rtp), "GARBAGE ", toFrame(1, rtp), "x", "RTSP/1.0 200 OK\r\nCSeq: 3\r\n\r\n"), [0, 1]);
  assert.deepEqual(items.map((i) => i.kind), ["frame", "frame", "frame", "response"]);
  assert.throws(() => read(new Uint8Array(70_000).fill(0x55), [0]), /neither/);
});

test("what is no RTSP at all is an error", () => {
  assert.throws(() => read(encoder.encode("HTTP/1.1 200 OK\r\nA: b\r\n\r\n")), /no RTSP/);
  assert.throws(() => read(encoder.encode("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n\r\n")), /no RTSP/);
});

test("what comes from outside has bounds", () => {
  const head = "RTSP/1.0 200 OK\r\n";
  const bad: [string, RegExp][] = [
    [head + "a".repeat(70_000), /do not end/],
    [head + "A: b\r\n".repeat(201) + "\r\n", /too many/],
    [head + "Content-Length: 1048577\r\n\r\n", /too long/],
    [head + "Content-Length: 9223372036854775808\r\n\r\n", /too long/],
    [head + "Content-Length: -1\r\n\r\n", /makes no sense/],
    [head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", /makes no sense/],
    [head + "Content-Length: 0x10\r\n\r\n", /makes no sense/],
  ];
  for (const [text, error] of bad) assert.throws(() => read(encoder.encode(text)), error);
  assert.equal(read(encoder.encode(head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nab")).length, 1);
});

test("header lines that make no sense are left out", () => {
  const [response] = read(encoder.encode("RTSP/1.0 200\r\n folded of nothing\r\nno colon\r\n: empty\r\na b: c\r\nCSeq : 5\r\nX:\r\n\r\n")) as [Response];
  assert.deepEqual([response.status, response.reason, response.headers], [200, "", [["CSeq", "5"], ["X", ""]]]);
});

test("no bytes whatever make the reader hang or throw what is no Error", () => {
  let seed = 1;
  const random = () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 16;
  for (let round = 0; round < 3000; round++) {
    const bytes = stream.slice();
    for (let i = random() % 8; i >= 0; i--) bytes[random() % bytes.length] = random() & 0xff;
    const reader = new MessageReader(new Set(round % 2 ? [0, 1] : []));
    try {
      for (let at = 0; at < bytes.length; at += 7) {
        reader.push(bytes.slice(at, at + 7));
        all(reader);
      }
    } catch (error) {
      assert.match((error as Error).message, /^(The|What the) server sends/);
    }
  }
});

test("messages are written whole, or not at all", () => {
  const text = Buffer.from(toBytes("PLAY rtsp://h/ RTSP/1.0", [["CSeq", "1"], ["content-length", "99"]], encoder.encode("ab"))).toString();
  assert.equal(text, "PLAY rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 2\r\n\r\nab");
  const none = new Uint8Array(0);
  assert.throws(() => toBytes("PLAY rtsp://h/\r\nX: y RTSP/1.0", [], none), TypeError);
  assert.throws(() => toBytes("PLAY * RTSP/1.0", [["A", "b\nC: d"]], none), TypeError);
  assert.throws(() => toBytes("PLAY * RTSP/1.0", [["A: b", "c"]], none), TypeError);
  assert.throws(() => toFrame(0, new Uint8Array(65536)), RangeError);
});

test("headers and parameters are found", () => {
  const headers: [string, string][] = [["A", "1"], ["b", "2"], ["a", "3"]];
  assert.deepEqual([headerOf(headers, "a"), headersOf(headers, "A"), headerOf(headers, "c")], ["1", ["1", "3"], undefined]);
  assert.deepEqual([...parseParameters(encoder.encode("a: 1\r\n\r\nb\nc: x:y\r"))], [["a", "1"], ["b", ""], ["c", "x:y"]]);
  assert.equal(parseParameters(encoder.encode(Array.from({ length: 999 }, (_, i) => `p${i}`).join("\n"))).size, 256);
});
