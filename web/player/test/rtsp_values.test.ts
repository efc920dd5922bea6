import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRange } from "../src/rtsp/range.ts";
import { parseRtpInfo } from "../src/rtsp/rtp_info.ts";
import { redirected, sameHost, targetOf, userOf } from "../src/rtsp/target.ts";
import { joinControl, repaired, resolveControl, withoutUser } from "../src/rtsp/url.ts";

test("ranges of npt and of the clock", () => {
  const table: [string, number | undefined, number | undefined][] = [
    ["npt=0-", 0, undefined],
    ["npt=1.5-20.25", 1.5, 20.25],
    ["npt=now-", undefined, undefined],
    ["npt:0-7,5", 0, 7.5],
    ["NPT = 0:01:02.5-100:00:00;time=19970123T143720Z", 62.5, 360000],
    ["npt=-3", undefined, 3],
    ["clock=19700101T000010.5Z-19700101T000020Z", 10.5, 20],
  ];
  for (const [text, start, end] of table) assert.deepEqual(parseRange(text), { start, end, clock: text.startsWith("clock") }, text);
  for (const bad of [undefined, "", "npt", "smpte=0:0:0-", "npt=x-", "npt=1:99:00-", "npt=0-1e9", "clock=1997-", "npt=99999999999999999999-"]) {
    assert.equal(parseRange(bad), undefined, bad);
  }
});

test("RTP-Info, whose URLs hold what they like", () => {
  const values = ["url=rtsp://h/a,b;c=d;seq=5;rtptime=4294967295, url=trackID=2;rtptime=7", 'url="x";ssrc=1A;seq=65536;rtptime=-1'];
  assert.deepEqual(parseRtpInfo(values), [{ url: "rtsp://h/a,b;c=d", seq: 5, rtptime: 4294967295 }, { url: "trackID=2", rtptime: 7 }, { url: "x" }]);
  assert.deepEqual(parseRtpInfo(["", "nonsense", ",,"]), []);
  assert.equal(parseRtpInfo([Array.from({ length: 999 }, () => "url=a;seq=1").join(",")]).length, 256);
});

test("control URLs by both rules", () => {
  const table: [string, string, string, string][] = [
    ["rtsp://h/a/b", "track1", "rtsp://h/a/b/track1", "rtsp://h/a/track1"],
    ["rtsp://h/a/", "track1", "rtsp://h/a/track1", "rtsp://h/a/track1"],
    ["rtsp://h/a?x=/y", "track1", "rtsp://h/a?x=/y/track1", "rtsp://h/track1"],
    ["rtsp://h", "track1", "rtsp://h/track1", "rtsp://h/track1"],
    ["rtsp://h/a", "/b", "rtsp://h/b", "rtsp://h/b"],
    ["rtsp://h/a", "?t=1", "rtsp://h/a?t=1", "rtsp://h/a?t=1"],
    ["rtsp://h/a", "*", "rtsp://h/a", "rtsp://h/a"],
    ["rtsp://h/a", " ", "rtsp://h/a", "rtsp://h/a"],
    ["rtsp://h/a", "rtsp://rtsp://g/b", "rtsp://g/b", "rtsp://g/b"],
  ];
  for (const [base, control, resolved, joined] of table) {
    assert.deepEqual([resolveControl(base, control), joinControl(base, control)], [resolved, joined], `${base} ${control}`);
  }
});

test("URLs as cameras write them", () => {
  const table: [string | undefined, string][] = [
    [undefined, "rtsp://h/x"],
    ["", "rtsp://h/x"],
    ["rtsp://rtsp://c/1/", "rtsp://c/1/"],
    ["c:554/1", "rtsp://c:554/1"],
    ["rtsp://fe80::1/1", "rtsp://[fe80::1]/1"],
    ["/other", "rtsp://h/other"],
    ["rtsp://u:p@c/1", "rtsp://c/1"],
    ["http://c/1", "rtsp://h/x"],
    ["a b", "rtsp://h/x"],
  ];
  for (const [url, want] of table) assert.equal(repaired(url, "rtsp://h/x"), want, url);
  assert.equal(withoutUser("rtsp://a@b:c@h/@"), "rtsp://h/@");
});

test("what a URL of WebSocket means", () => {
  assert.deepEqual(targetOf("ws://u:p@Host:8080/a b?c"), { socket: "ws://host:8080/a%20b?c", request: "rtsp://host:8080/a%20b?c" });
  assert.deepEqual(targetOf("wss://[::1]/x"), { socket: "wss://[::1]/x", request: "rtsp://[::1]:443/x" });
  assert.equal(targetOf("ws://h/rtsp", "rtsp://u@cam/1").request, "rtsp://cam/1");
  for (const bad of ["rtsp://h/x", "http://h/", "", "ws://"]) assert.throws(() => targetOf(bad), TypeError, bad);
  assert.throws(() => targetOf("ws://h/", "rtsp://h/a b"), TypeError);
  assert.deepEqual(userOf("ws://h/@", "rtsp://a%40b:p%3Aw@cam/"), { user: "a@b", password: "p:w" });
  assert.deepEqual([userOf("ws://u@h"), userOf("ws://h", undefined)], [{ user: "u", password: "" }, undefined]);
});

test("where redirects lead, and with whom credentials go", () => {
  const from = targetOf("ws://h:8080/rtsp", "rtsp://h/a");
  const table: [string, string, string, boolean][] = [
    ["rtsp://h/b", "ws://h:8080/rtsp", "rtsp://h/b", true],
    ["/b", "ws://h:8080/rtsp", "rtsp://h/b", true],
    ["rtsp://g/b", "ws://h:8080/rtsp", "rtsp://g/b", false],
    ["ws://h:8080/b", "ws://h:8080/b", "rtsp://h:8080/b", false],
    ["wss://g/b", "wss://g/b", "rtsp://g:443/b", false],
  ];
  for (const [location, socket, request, same] of table) {
    const to = redirected(from, location);
    assert.deepEqual([to, sameHost(from, to)], [{ socket, request }, same], location);
  }
  for (const bad of ["", "http://h/", "javascript:x"]) assert.throws(() => redirected(from, bad), Error, bad);
  assert.throws(() => redirected(targetOf("wss://h/"), "ws://h/"), /encrypted/);
});
