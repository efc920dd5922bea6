import assert from "node:assert/strict";
import { test } from "node:test";
import { SourceClock } from "../src/publish/clock.ts";
import { codecString, usualBitrate } from "../src/publish/codecs.ts";
import { Pace } from "../src/publish/pace.ts";
import { RtpWriter } from "../src/publish/rtp.ts";
import { announcement, opusFormat, videoFormat } from "../src/publish/sdp.ts";

const avcC = Buffer.from("0142e01fffe1000467010203010003680405", "hex");

// Pictures that are encoded

/** How many of 301 pictures that come every so many ms pass. */
const passing = (every: number, framerate: number) => {
  const pace = new Pace(framerate, 100);
  return Array.from({ length: 301 }, (_, i) => pace.next(i * every * 1000, false)).filter((fate) => fate !== "drop").length;
};

test("all pictures pass, and one in so many seconds is key", () => {
  const pace = new Pace(Infinity, 1);
  const got = Array.from({ length: 9 }, (_, i) => pace.next(i * 250_000, false));
  assert.deepEqual(got.map((fate) => fate === "key"), [true, false, false, false, true, false, false, false, true]);
  assert.ok(!got.includes("drop"));
});

test("of too many pictures the framerate is left, and of too few all", () => {
  assert.equal(passing(1000 / 30, 25), 251);
  assert.equal(passing(1000 / 60, 30), 151);
  assert.equal(passing(1000 / 30, 30), 301);
  assert.equal(passing(1000 / 15, 30), 301);
});

test("a picture that is a bit early is the one that is due", () => {
  const pace = new Pace(10, 100);
  assert.deepEqual([0, 95, 201, 299, 340, 400].map((ms) => pace.next(ms * 1000, false)), ["key", "delta", "delta", "delta", "drop", "delta"]);
});

test("while the network is behind there are no pictures, and the key picture comes after it", () => {
  const pace = new Pace(Infinity, 1);
  assert.equal(pace.next(0, true), "drop");
  assert.equal(pace.next(1000, false), "key");
  assert.equal(pace.next(1_500_000, true), "drop");
  assert.equal(pace.next(1_600_000, false), "key");
});

test("a key picture can be wanted, and a picture from the past cannot come", () => {
  const pace = new Pace(Infinity, 100);
  pace.next(5000, false);
  assert.equal(pace.next(5000, false), "drop");
  pace.wantKey();
  assert.equal(pace.next(4000, false), "drop");
  assert.equal(pace.next(6000, false), "key");
  assert.equal(pace.next(7000, false), "delta");
});

// Clocks

test("two sources with other origins are on one clock, by what arrived soonest", () => {
  const [camera, microphone] = [new SourceClock(), new SourceClock()];
  for (const [i, delay] of [40, 12, 5, 90, 7].entries()) {
    camera.see(3_800_000_000 + 33_000 * i, 1000 + 33 * i + delay);
    microphone.see(10_000 * i, 1000 + 10 * i + 5);
  }
  assert.equal(camera.timestampAt(2005), 3_801_000_000);
  assert.equal(microphone.timestampAt(2005), 1_000_000);
});

test("a page that hangs for a while does not move the clock, not even in another window", () => {
  const clock = new SourceClock();
  clock.see(0, 1000);
  clock.see(5_000_000, 6500);
  assert.equal(clock.timestampAt(7000), 6_000_000);
});

test("a clock that drifts is followed, one that says nothing is not known", () => {
  const clock = new SourceClock();
  assert.equal(clock.timestampAt(1000), undefined);
  // It is 1 ms in a second slow: after a minute 60 ms.
  for (let now = 0; now <= 60_000; now += 10) clock.see(now * 999, now);
  assert.ok(Math.abs(clock.timestampAt(60_000)! - 59_940_000) <= 11_000, `${clock.timestampAt(60_000)}`);
});

// RTP

const fields = (packet: Uint8Array) => {
  const view = new DataView(packet.buffer);
  return { head: view.getUint16(0), sequence: view.getUint16(2), ticks: view.getUint32(4), ssrc: view.getUint32(8), payload: [...packet.subarray(12)] };
};

test("packets of a unit have its timestamp, numbers in order, and the last the marker", () => {
  const rtp = new RtpWriter(96, 90000, true);
  const [a, b, c] = [...rtp.unit([Uint8Array.of(1), Uint8Array.of(2, 3)], 0), ...rtp.unit([Uint8Array.of(4)], 40_000)].map(fields);
  assert.deepEqual([a!.head, b!.head, c!.head], [0x8060, 0x80e0, 0x80e0]);
  assert.deepEqual([b!.sequence, c!.sequence], [(a!.sequence + 1) & 0xffff, (a!.sequence + 2) & 0xffff]);
  assert.deepEqual([b!.ticks, c!.ticks], [a!.ticks, (a!.ticks + 3600) >>> 0]);
  assert.deepEqual([a!.payload, b!.payload, c!.payload], [[1], [2, 3], [4]]);
  assert.deepEqual([rtp.packets, rtp.bytes, a!.ssrc], [3, 4, rtp.ssrc]);
});

test("sequence numbers and timestamps go round, also of a camera that has run for weeks", () => {
  const rtp = new RtpWriter(97, 48000, false);
  const ticks = [0, 30 * 86400e6, 30 * 86400e6 + 20_000].map((timestamp) => fields(rtp.unit([Uint8Array.of(0)], timestamp)[0]!).ticks);
  assert.equal((ticks[1]! - ticks[0]!) >>> 0, (30 * 86400 * 48000) % 2 ** 32);
  assert.equal((ticks[2]! - ticks[1]!) >>> 0, 960);
  const numbers = Array.from({ length: 65537 }, () => fields(rtp.unit([Uint8Array.of(0)], 0)[0]!).sequence);
  assert.equal(numbers[0], numbers[65536]);
  assert.equal(fields(rtp.unit([Uint8Array.of(0)], 0)[0]!).head, 0x8061);
});

test("a report ties a timestamp to the time, and names the source; the last one says goodbye", () => {
  const rtp = new RtpWriter(96, 90000, true);
  const { ticks } = fields(rtp.unit([Uint8Array.of(1, 2, 3)], 1_000_000)[0]!);
  const report = rtp.report(1_500_000, Date.UTC(2024, 0, 1) + 250, "me");
  const view = new DataView(report.buffer);
  assert.deepEqual([view.getUint16(0), view.getUint16(2), view.getUint32(4)], [0x80c8, 6, rtp.ssrc]);
  assert.deepEqual([view.getUint32(8), view.getUint32(12)], [3913056000, 0x40000000]);
  assert.deepEqual([view.getUint32(16), view.getUint32(20), view.getUint32(24)], [(ticks + 45000) >>> 0, 1, 3]);
  assert.deepEqual([view.getUint16(28), view.getUint16(30), view.getUint32(32)], [0x81ca, 3, rtp.ssrc]);
  assert.deepEqual([...report.subarray(36)], [1, 2, 0x6d, 0x65, 0, 0, 0, 0]);
  const last = rtp.report(1_500_000, 0, "me", true);
  assert.deepEqual([...last.subarray(report.length, report.length + 4)], [0x81, 0xcb, 0, 1]);
  for (let length = 0; length <= 300; length++) {
    const { byteLength, buffer } = rtp.report(0, 0, "x".repeat(length));
    assert.equal(byteLength, 28 + 4 + 4 * new DataView(buffer).getUint16(30)); // lengths of a compound packet fit together
  }
});

// Formats

test("codecs have the lowest level with room for the pictures", () => {
  const h264 = (width: number, height: number, framerate: number) => codecString({ codec: "h264", width, height, framerate });
  assert.deepEqual([h264(640, 480, 30), h264(1280, 720, 30), h264(1920, 1080, 30), h264(3840, 2160, 30), h264(7680, 4320, 60)],
    ["avc1.42E01E", "avc1.42E01F", "avc1.42E028", "avc1.42E033", "avc1.42E034"]);
  assert.equal(codecString({ codec: "av1", width: 1920, height: 1080, framerate: 60 }), "av01.0.09M.08");
  assert.equal(codecString({ codec: "vp8", width: 2, height: 2, framerate: 1 }), "vp8");
  assert.equal(usualBitrate({ codec: "vp8", width: 1280, height: 720, framerate: 30 }), 2211840);
});

test("an announcement tells what the encoders say", () => {
  const formats = [videoFormat("h264", { codec: "avc1.42E01F", description: avcC })!, opusFormat(2)];
  const lines = announcement(formats).split("\r\n");
  assert.deepEqual(lines.filter((line) => !line.startsWith("o=")), [
    "v=0", "s=-", "c=IN IP4 0.0.0.0", "t=0 0",
    "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000",
    "a=fmtp:96 packetization-mode=1;profile-level-id=42E01F;sprop-parameter-sets=ZwECAw==,aAQF", "a=control:trackID=0",
    "m=audio 0 RTP/AVP 97", "a=rtpmap:97 OPUS/48000/2", "a=fmtp:97 sprop-stereo=1", "a=control:trackID=1", "",
  ]);
});

test("AV1 tells profile, level and tier; VP8 and mono tell nothing", () => {
  assert.equal(videoFormat("av1", { codec: "av01.0.05M.08" })!.parameters, "profile=0;level-idx=5;tier=0");
  assert.equal(videoFormat("vp8", { codec: "vp8" })!.parameters, "");
  assert.ok(!announcement([videoFormat("vp8", { codec: "vp8" })!, opusFormat(1)]).includes("fmtp"));
});

test("H.264 without parameter sets cannot be announced", () => {
  assert.equal(videoFormat("h264", { codec: "avc1.42E01F" }), undefined);
  assert.equal(videoFormat("h264", { codec: "avc1.42E01F", description: avcC.subarray(0, 10) }), undefined);
});
