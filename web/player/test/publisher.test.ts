import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Vp8Depacketizer } from "../src/depacketize/vp8.ts";
import { Publisher, type PublishOptions } from "../src/publish/publisher.ts";
import { FakeAudioEncoder, FakeEncoder, FakeFrame, FakeSound, FakeTrack, FakeVideoEncoder, installBrowser, streamOf } from "./browser.ts";
import { PublishServer } from "./publish_server.ts";
import { medium, packet } from "./recording.ts";
import type { WebSocketLike } from "../src/rtsp/index.ts";

const picture = (ms: number, displayWidth = 160, displayHeight = 120) => new FakeFrame({ displayWidth, displayHeight }, { timestamp: 1000 * ms });

/** Waits until something is so; it comes within turns of the loop, or never. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    assert.ok(turn < 1000, `never: ${holds}`);
    await new Promise(setImmediate);
  }
}

/** All that happens by itself has happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
}

/** Publishers that may still run. */
const running: Publisher[] = [];

/** A publisher of a camera and a microphone, its server, and what it says. */
function stage(options: Partial<PublishOptions> = {}) {
  const [camera, microphone] = [new FakeTrack("video"), new FakeTrack("audio")];
  const server = new PublishServer();
  const client = { socket: () => server.open() as unknown as WebSocketLike };
  const publisher = new Publisher({ url: "ws://host/stage", client, source: streamOf(camera, microphone), video: { codec: "vp8" }, ...options });
  running.push(publisher);
  const said: string[] = [];
  publisher.on("state", (state) => said.push(state));
  publisher.on("error", (error) => said.push(`error: ${error.message}`));
  const media = (channel: number) => server.frames.filter(([c]) => c === channel).map(([, data]) => data);
  return { camera, microphone, server, publisher, said, media };
}

/** One that has begun. */
async function recording(options: Partial<PublishOptions> = {}) {
  const s = stage(options);
  s.camera.give(picture(0));
  s.microphone.give(new FakeSound(0));
  await s.publisher.start();
  await until(() => s.media(0).length === 1);
  return s;
}

/** Nothing is left of it. */
function gone({ camera, microphone, server }: ReturnType<typeof stage>): void {
  assert.deepEqual([FakeFrame.open.size, FakeSound.open.size], [0, 0], "nobody closed them");
  assert.deepEqual([FakeVideoEncoder.last.state, FakeAudioEncoder.last.state], ["closed", "closed"]);
  assert.deepEqual([camera.closed, microphone.closed, server.readyState], [true, true, 3]);
}

beforeEach(installBrowser);

// Their timers would keep the process of the tests alive.
afterEach(() => Promise.all(running.splice(0).map((publisher) => publisher.stop())));

test("tracks are announced, set up and recorded, and then come pictures from a key picture on", async () => {
  const s = await recording();
  assert.deepEqual(s.server.methods.filter((method) => method !== "OPTIONS"), ["ANNOUNCE", "SETUP", "SETUP", "RECORD"]);
  assert.match(s.server.sdp, /m=video 0 RTP\/AVP 96\r\na=rtpmap:96 VP8\/90000\r\na=control:trackID=0\r\nm=audio 0 RTP\/AVP 97\r\na=rtpmap:97 OPUS\/48000\/2/);
  s.camera.give(picture(10_000), picture(10_033));
  s.microphone.give(new FakeSound(20), new FakeSound(40));
  await until(() => s.media(0).length === 3 && s.media(2).length === 2);
  const depacketizer = new Vp8Depacketizer(medium("VP8"));
  const units = s.media(0).flatMap((data) => depacketizer.push(packet(0, true, data.subarray(12)), false));
  assert.deepEqual(units.map(({ key, data }) => [key, data.at(-1)]), [[true, 1], [true, 2], [false, 3]]); // 0 was for the announcement
  const { framesEncoded, framesDropped, audioPackets, codec, width, height, sent } = s.publisher.stats();
  assert.deepEqual([framesEncoded, framesDropped, audioPackets, codec, width, height], [4, 0, 3, "vp8", 160, 120]);
  assert.equal(sent, 12 + 12 + 3 + 2 * 3);
});

test("a report follows the first packet of each track, with one name for both", async () => {
  const s = await recording();
  s.microphone.give(new FakeSound(20_000));
  await until(() => s.media(3).length === 1);
  const [video, audio] = [s.media(1)[0]!, s.media(3)[0]!];
  assert.deepEqual([video[1], audio[1]], [200, 200]);
  assert.deepEqual(video.slice(4, 8), s.media(0)[0]!.slice(8, 12)); // the SSRC
  assert.deepEqual(video.slice(38), audio.slice(38));
});

test("stopping says goodbye, tears down, and leaves nothing behind", async () => {
  const s = await recording();
  s.microphone.give(new FakeSound(20));
  await until(() => s.media(2).length === 1);
  await s.publisher.stop();
  assert.equal(s.server.methods.at(-1), "TEARDOWN");
  for (const channel of [1, 3]) assert.equal(s.media(channel).at(-1)!.at(-7), 203);
  await quiet();
  assert.deepEqual(s.said, ["connecting", "recording", "stopped"]);
  gone(s);
});

test("with the last of its tracks the source has ended, and the publishing with it", async () => {
  const s = await recording();
  s.microphone.end();
  await quiet();
  assert.equal(s.publisher.state, "recording");
  s.camera.end();
  await until(() => s.server.methods.includes("TEARDOWN"));
  assert.equal(s.publisher.state, "stopped");
});

test("what a server refuses start tells, and nothing is left behind", async () => {
  for (const method of ["ANNOUNCE", "SETUP", "RECORD"]) {
    const s = stage();
    s.server.answers.set(method, "403 Forbidden");
    s.camera.give(picture(0));
    s.microphone.give(new FakeSound(0));
    await assert.rejects(s.publisher.start(), /403|Forbidden/i);
    await quiet();
    assert.deepEqual(s.said, ["connecting", "failed"]);
    gone(s);
  }
});

test("a connection that is lost is an error, once", async () => {
  const s = await recording();
  s.server.drop();
  await until(() => s.publisher.state === "failed");
  await s.publisher.stop();
  await quiet();
  assert.deepEqual([s.said.length, s.said[2]], [4, "failed"]);
  assert.match(s.said[3]!, /^error: /);
  gone(s);
});

test("an encoder that gives up is an error that says so", async () => {
  const s = await recording();
  FakeVideoEncoder.last.fail("out of memory");
  await until(() => s.publisher.state === "failed");
  assert.deepEqual(s.said.at(-1), "error: The video encoder gave up: out of memory");
  await quiet();
  gone(s);
});

test("stopped while it connects, start does not resolve", async () => {
  for (const method of ["ANNOUNCE", "RECORD"]) {
    const s = stage();
    s.server.answers.set(method, "");
    s.camera.give(picture(0));
    s.microphone.give(new FakeSound(0));
    const started = s.publisher.start();
    started.catch(() => {});
    await until(() => s.server.methods.includes(method));
    await s.publisher.stop();
    await assert.rejects(started, /stopped before it began/);
    await quiet();
    assert.deepEqual(s.said, ["connecting", "stopped"]);
    gone(s);
  }
});

test("stopped at once, it closes the picture that it has just got", async () => {
  const s = stage();
  s.camera.give(picture(0));
  s.microphone.give(new FakeSound(0));
  FakeEncoder.asked = () => void s.publisher.stop();
  await assert.rejects(s.publisher.start(), /stopped/);
  await quiet();
  assert.deepEqual([FakeFrame.open.size, FakeSound.open.size], [0, 0]);
});

test("while the network is behind, pictures are left out and sound goes on; far behind, there is none", async () => {
  const s = await recording();
  s.server.bufferedAmount = 100 << 10;
  s.camera.give(picture(5000), picture(5033));
  s.microphone.give(new FakeSound(20));
  await until(() => s.publisher.stats().framesDropped === 2 && s.media(2).length === 1);
  s.server.bufferedAmount = 1 << 20;
  s.microphone.give(new FakeSound(40));
  await until(() => s.publisher.stats().audioPackets === 3);
  assert.equal(s.media(2).length, 1);
  s.server.bufferedAmount = 0;
  s.camera.give(picture(5066));
  s.microphone.give(new FakeSound(60));
  await until(() => s.media(0).length === 2 && s.media(2).length === 2);
});

test("pictures of which too many wait in the encoder are left out", async () => {
  const s = await recording();
  FakeVideoEncoder.last.encodeQueueSize = 3;
  s.camera.give(picture(5000));
  await until(() => s.publisher.stats().framesDropped === 1);
});

test("pictures of another size begin with a key picture of that size", async () => {
  const s = await recording();
  s.camera.give(picture(5000), picture(5033, 321, 241));
  await until(() => s.media(0).length === 3);
  assert.deepEqual(FakeVideoEncoder.last.configs.map(({ width, height }) => [width, height]), [[160, 120], [320, 240]]);
  assert.equal(s.media(0)[2]!.length, 12 + 12); // a key picture
});

test("a width alone keeps the proportions", async () => {
  await recording({ video: { codec: "vp8", width: 1000 } });
  assert.deepEqual(FakeVideoEncoder.last.configs.map(({ width, height }) => [width, height]), [[1000, 750]]);
});

test("sound of another rate, and sound after a hole, have the encoder begin anew", async () => {
  const s = await recording();
  s.microphone.give(new FakeSound(20_000), new FakeSound(40_000, 44100), new FakeSound(60_000, 44100), new FakeSound(500_000, 44100));
  await until(() => s.media(2).length === 4);
  assert.deepEqual(FakeAudioEncoder.last.configs.map(({ sampleRate }) => sampleRate), [48000, 44100, 44100]);
});

test("a source that rests has its last picture sent again, so that the connection is seen to live", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  let now = 50_000;
  const clock = mock.method(performance, "now", () => now);
  try {
    const s = await recording();
    for (const wait of [999, 1]) {
      now += wait;
      mock.timers.tick(wait);
      await quiet();
    }
    const [first, second] = s.media(0).map((data) => new DataView(data.buffer, data.byteOffset).getUint32(4));
    assert.equal((second! - first!) >>> 0, 90_000);
    await s.publisher.stop();
    await quiet();
    gone(s);
  } finally {
    clock.mock.restore();
    mock.timers.reset();
  }
});

test("statistics come every second, and reports every five", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const s = await recording();
    const bitrates: number[] = [];
    s.publisher.on("stats", ({ bitrate }) => bitrates.push(bitrate));
    for (let second = 0; second < 10; second++) mock.timers.tick(1000);
    assert.deepEqual(bitrates, [96, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert.equal(s.media(1).length, 3);
    await s.publisher.stop();
  } finally {
    mock.timers.reset();
  }
});

test("a source that gives nothing is waited for only so long", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const s = stage();
    s.camera.give(picture(0));
    const started = s.publisher.start();
    started.catch(() => {});
    await quiet();
    mock.timers.tick(10_000);
    await assert.rejects(started, /no picture or no sound within 10 seconds/);
    assert.deepEqual(s.server.methods, []);
  } finally {
    mock.timers.reset();
  }
});

test("what a browser cannot do it says before anything is sent", async () => {
  const cases: [RegExp, (options: Partial<PublishOptions>) => void][] = [
    [/https or from localhost/, () => Object.assign(globalThis, { isSecureContext: false })],
    [/WebCodecs/, () => Object.assign(globalThis, { VideoEncoder: undefined })],
    [/without sound/, () => Object.assign(globalThis, { AudioEncoder: undefined })],
    [/nothing to publish/, (options) => (options.source = streamOf())],
    [/cannot encode VP8 of 5000x3750/, (options) => (options.video = { codec: "vp8", width: 5000 })],
  ];
  for (const [says, make] of cases) {
    installBrowser();
    const options: Partial<PublishOptions> = {};
    make(options);
    const s = stage(options);
    s.camera.give(picture(0));
    await assert.rejects(s.publisher.start(), says);
    assert.deepEqual(s.server.methods, []);
    assert.equal(s.publisher.state, "failed");
  }
});

test("a publisher starts once, and one that was stopped does not", async () => {
  const s = await recording();
  await assert.rejects(s.publisher.start(), /only once/);
  await s.publisher.stop();
  const other = stage();
  await other.publisher.stop();
  await assert.rejects(other.publisher.start(), /only once/);
});

test("without audio no microphone is touched", async () => {
  const s = stage({ audio: false });
  s.camera.give(picture(0));
  await s.publisher.start();
  assert.ok(!s.server.sdp.includes("m=audio"));
});
