import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseSdp } from "../src/rtsp/sdp.ts";
import { resolveControl } from "../src/rtsp/url.ts";

const base = "rtsp://camera/live/";
const root = new URL("../../../../sdp/", import.meta.url);

/** The table of the corpus that Go's parser is held against: one for both, so that they can not differ. */
function corpus(): Map<string, string[][]> {
  const table = readFileSync(new URL("corpus_test.go", root)).toString();
  const files = new Map<string, string[][]>();
  let name = "";
  for (const line of table.split("\n")) {
    name = /^\t"([\w-]+)":/.exec(line)?.[1] ?? name;
    for (const [, fields] of line.matchAll(/\{("\w+", \d[^}]*)\}/g)) {
      const tracks = files.get(name) ?? [];
      files.set(name, [...tracks, JSON.parse(`[${fields}]`).map(String)]);
    }
  }
  return files;
}

test("cameras and servers are read as Go reads them", () => {
  const files = corpus();
  assert.ok(files.size > 25, `${files.size} files`);
  for (const [name, tracks] of files) {
    const { media } = parseSdp(readFileSync(new URL(`testdata/${name}.sdp`, root)).toString(), base);
    assert.equal(media.length, tracks.length, name);
    for (const [i, [kind, payloadType, encoding, clockRate, channels, control, param]] of tracks.entries()) {
      const m = media[i]!;
      const have = [m.kind, String(m.payloadType), m.encoding, String(m.clockRate), String(m.channels), m.control];
      const known = kind === "video" || kind === "audio" ? kind : "application";
      assert.deepEqual(have, [known, payloadType, encoding!.toUpperCase(), clockRate, channels === "0" ? "1" : channels, resolveControl(base, control!)], name);
      const [key, value] = [param!.slice(0, param!.indexOf("=")), param!.slice(param!.indexOf("=") + 1)];
      if (param !== "") assert.equal(m.parameters.get(key.toLowerCase()) ?? "", value, `${name}: ${param}`);
    }
  }
});

const sdp = (...lines: string[]) => ["v=0", "o=- 1 1 IN IP4 0.0.0.0", ...lines].join("\r\n");

test("a presentation has a name, a URL and a duration", () => {
  const stored = parseSdp(sdp("s=Film", "s=again", "a=control:all", "a=range:npt=0-12.5", "m=video 0 RTP/AVPF 26", "a=control:1"), "rtsp://h/f");
  assert.deepEqual([stored.name, stored.duration, stored.live, stored.aggregate, stored.profiles], ["Film", 12.5, false, "rtsp://h/f/all", ["RTP/AVPF"]]);
  assert.deepEqual([stored.media[0]!.control, stored.others], ["rtsp://h/f/1", ["rtsp://h/1"]]);
  for (const range of ["a=range:npt=now-", "a=range:npt=0-", "a=range:npt=5-5", "a=range:nonsense", "a=tool:x"]) {
    const live = parseSdp(sdp("s=-", range, "m=audio 0 RTP/AVP 0"), "rtsp://h/");
    assert.deepEqual([live.name, live.duration, live.live, live.aggregate], ["", undefined, true, "rtsp://h/"], range);
  }
  assert.equal(parseSdp(sdp("m=audio 0 RTP/AVP 0", "a=range:clock=20260101T000000Z-20260101T000130Z"), base).duration, 90);
});

test("the size of large JPEG pictures is a parameter", () => {
  const [m] = parseSdp(sdp("m=video 0 RTP/AVP 26", "a=x-dimensions:3840,2160", "a=framesize:26 3840-2160"), base).media;
  assert.deepEqual([...m!.parameters], [["x-dimensions", "3840,2160"], ["framesize", "26 3840-2160"]]);
});

test("a format that has a name is chosen before one that has none", () => {
  const [m] = parseSdp(sdp("m=video 0 RTP/AVP 96 97", "a=rtpmap:97 vp8/90000"), base).media;
  assert.deepEqual([m!.payloadType, m!.encoding], [97, "VP8"]);
});

test("what is no description, or more than one, is an error", () => {
  const many = (n: number, line: string) => Array.from({ length: n }, () => line);
  assert.throws(() => parseSdp("", base), /no media/);
  assert.throws(() => parseSdp("<html>", base), /no media/);
  assert.throws(() => parseSdp(sdp(...many(65, "m=video 0 RTP/AVP 96")), base), /too many/);
  assert.throws(() => parseSdp(sdp("m=video 0 RTP/AVP 96", ...many(257, "a=x")), base), /too long/);
  assert.throws(() => parseSdp("x".repeat(70_000), base), /too long/);
});

test("hostile descriptions take no time, and throw nothing but Errors", () => {
  const hostile = [
    `m=video 0 RTP/AVP ${"96 ".repeat(20_000)}`,
    `m=video 0 RTP/AVP 96\na=fmtp:96 ${"a=b;".repeat(15_000)}`,
    `m=video 0 RTP/AVP 96\na=fmtp:96 ${"a= ".repeat(20_000)}`,
    `m=video 0 RTP/AVP 96\na=fmtp:96 ${" ".repeat(60_000)}x`,
    `m=video 0 RTP/AVP 96\na=fmtp:96 ${"a".repeat(60_000)}`,
    `m=video 0 RTP/AVP 96\na=fmtp:96 a${" ".repeat(60_000)}x`,
    `m=video${" ".repeat(60_000)}\na=control:${":".repeat(3000)}`,
    `m=video 0 RTP/AVP 999 -1 128 x\na=rtpmap:96 /0/0\na=rtpmap:\na=fmtp`,
    `m=\na=\ns=\nm\n=\n${"m=x\n".repeat(60)}`,
    `m=video 0 RTP/AVP 96\na=rtpmap:96 ${"/".repeat(60_000)}`,
    `m=video 0 RTP/AVP 96\na=rtpmap:96 H264${" ".repeat(60_000)}x`,
    `m=video 0 RTP/AVP 96\na=range:npt=${"1".repeat(60_000)}-`,
    `m=video 0 RTP/AVP 96\na=range:npt=${" ".repeat(60_000)}x`,
  ];
  const begun = performance.now();
  for (const text of hostile) {
    const { media } = parseSdp(text, base);
    assert.ok(media.length > 0 && media.every((m) => m.parameters.size <= 64 && m.clockRate > 0));
  }
  assert.ok(performance.now() - begun < 2000, `${performance.now() - begun} ms`);
});
