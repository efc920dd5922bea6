import assert from "node:assert/strict";
import { test } from "node:test";
import { Opening } from "../src/playback/opening.ts";
import { PictureOutput } from "../src/playback/picture_output.ts";
import type { Mse } from "../src/playback/mse.ts";
import type { VideoConfig } from "../src/types.ts";

test("what is left out until all is in time was never to be seen", () => {
  const opening = new Opening();
  opening.begin(0, 0);
  opening.look(0, undefined, 0);
  opening.look(40, 2, 50); // the group of pictures before what is live
  opening.look(60, 0.2, 80);
  assert.equal(opening.skipped(60), 60);
  for (let now = 100; now < 700; now += 40) opening.look(60, 0.02, now);
  opening.look(63, 0.02, 720);
  assert.equal(opening.skipped(63), 60, "what is left out later counts");
  opening.begin(63, 1000); // a seek
  opening.look(70, 1, 1010);
  assert.equal(opening.skipped(70), 67);
});

test("who is late for long does not catch up, but is too slow", () => {
  const opening = new Opening();
  opening.begin(0, 0);
  for (let now = 0, total = 0; now <= 6000; now += 40) opening.look(total++, 1, now);
  assert.equal(opening.skipped(151), 75, "what is left out in three seconds");
});

const config: VideoConfig = { kind: "video", format: "vp8", codec: "vp8", width: 2, height: 2 };

/** As much of a browser as pictures need: a decoder that is done at once, and frames of the screen that tests have come. */
function browser(): { frame(): void; now: { ms: number } } {
  const now = { ms: 0 };
  let next: (() => void) | undefined;
  let output: (frame: object) => void = () => {};
  class Decoder {
    static isConfigSupported = async () => ({ supported: true });
    state = "configured";
    decodeQueueSize = 0;
    constructor(init: { output: typeof output }) {
      output = init.output;
    }
    addEventListener() {}
    configure() {}
    reset() {}
    close() {}
    decode({ timestamp }: { timestamp: number }) {
      output({ timestamp, displayWidth: 2, displayHeight: 2, close() {} });
    }
  }
  Object.assign(globalThis, {
    VideoDecoder: Decoder,
    EncodedVideoChunk: class { timestamp: number; constructor({ timestamp }: { timestamp: number }) { this.timestamp = timestamp; } },
    document: { createElement: () => ({ width: 0, height: 0, style: {}, getContext: () => null }) },
    requestAnimationFrame: (f: () => void) => ((next = f), 1),
    cancelAnimationFrame: () => (next = undefined),
  });
  return { now, frame: () => (next?.(), (next = undefined)) };
}

test("a fresh viewer of live media has left nothing out, and one that is held up has", async () => {
  const { now } = browser();
  let due: number | undefined; // the moment of the line that is due at 0 ms
  const output = new PictureOutput(0, 90000, {
    live: true,
    forceMse: false,
    frame: { replaceChildren() {} } as unknown as HTMLElement,
    line: (at) => (due === undefined ? undefined : due + at / 1000),
    now: () => now.ms,
    mse: (): Mse => assert.fail("it decodes"),
    decoded: () => {},
    shown: () => {},
    failed: (error) => assert.fail(error),
  });
  const unit = (i: number) => output.unit({ data: new Uint8Array(1), timestamp: i, key: i % 50 === 0, duration: 0 }, i / 25, config);
  output.begin();
  for (let i = 3; i < 50; i++) unit(i); // a server that begins between two key pictures
  for (let i = 50; i < 90; i++) unit(i); // and sends what it has at once
  await new Promise((done) => setTimeout(done)); // it is known how they are shown
  due = 90 / 25;
  for (let i = 90; i < 140; i++) {
    unit(i);
    now.ms += 40;
  }
  const skipped = output.skipped;
  assert.equal(output.dropped, 0);
  assert.ok(skipped >= 47 + 20, `${skipped} were never to be seen`);
  output.freeze(); // the page gives no time to draw
  for (let i = 140; i < 180; i++) unit(i);
  assert.deepEqual([output.dropped > 20, output.skipped], [true, skipped]);
  output.close();
});
