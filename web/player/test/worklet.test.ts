import assert from "node:assert/strict";
import { resolveObjectURL } from "node:buffer";
import { beforeEach, test } from "node:test";
import { WorkletSource } from "../src/publish/worklet.ts";

type Process = (inputs: Float32Array[][]) => boolean;

/** The side of a browser where sound is made: it runs the module it is given, block by block. */
class FakeContext {
  static last: FakeContext;
  static refuses = false;
  readonly sampleRate = 32000;
  state = "running";
  process!: Process;
  receive!: (event: { data: unknown }) => void;
  #frame = 0;

  constructor() {
    FakeContext.last = this;
  }

  readonly audioWorklet = {
    addModule: async (url: string) => {
      if (FakeContext.refuses) throw new Error("Content-Security-Policy");
      const module = await (resolveObjectURL(url) as Blob).text();
      const register = (_: string, Processor: new () => { process: Process }) => {
        const processor = new Processor();
        this.process = processor.process.bind(processor);
      };
      const port = { postMessage: (data: unknown) => this.receive({ data: structuredClone(data) }) };
      const Base = class {
        readonly port = port;
      };
      new Function("registerProcessor", "AudioWorkletProcessor", module)(register, Base);
    },
  };

  createMediaStreamSource() {
    return { connect() {} };
  }

  async resume(): Promise<void> {}

  async close(): Promise<void> {
    this.state = "closed";
  }

  /** Plays a block of 128 samples that all have one value, on channels with their number added. */
  play(value: number, channels = 1): void {
    Object.assign(globalThis, { currentFrame: this.#frame });
    this.process([Array.from({ length: channels }, (_, i) => new Float32Array(128).fill(value + i))]);
    this.#frame += 128;
  }
}

class FakeNode {
  readonly port = {
    set onmessage(receive: (event: { data: unknown }) => void) {
      FakeContext.last.receive = receive;
    },
  };
}

class FakeAudioData {
  static open = 0;
  readonly init: { timestamp: number; numberOfChannels: number; data: Float32Array };

  constructor(init: FakeAudioData["init"]) {
    this.init = init;
    FakeAudioData.open++;
  }

  close(): void {
    FakeAudioData.open--;
  }
}

/** An audio track that is only listened to. */
class FakeTrack extends EventTarget {}

async function source(): Promise<{ track: FakeTrack; worklet: WorkletSource; context: FakeContext }> {
  const track = new FakeTrack();
  const worklet = new WorkletSource(track as unknown as MediaStreamTrack);
  const context = FakeContext.last;
  for (let turn = 0; context.receive === undefined && turn < 1000; turn++) await new Promise(setImmediate);
  return { track, worklet, context };
}

const heard = async (worklet: WorkletSource) => ((await worklet.read()) as unknown as FakeAudioData | undefined)?.init;

beforeEach(() => {
  const MediaStream = class {};
  Object.assign(globalThis, { AudioContext: FakeContext, AudioWorkletNode: FakeNode, AudioData: FakeAudioData, MediaStream });
  FakeContext.refuses = false;
  FakeAudioData.open = 0;
});

test("blocks of sound come out in pieces, with the time of their first sample", async () => {
  const { worklet, context } = await source();
  for (let block = 0; block < 16; block++) context.play(block);
  const [first, second] = [await heard(worklet), await heard(worklet)];
  assert.deepEqual([first!.timestamp, second!.timestamp], [0, 32_000]);
  assert.deepEqual([first!.data.length, first!.data[127], first!.data[128], second!.data[1023]], [1024, 0, 1, 15]);
  worklet.close();
});

test("channels lie one behind the other, and another number of them begins a piece anew", async () => {
  const { worklet, context } = await source();
  context.play(100);
  for (let block = 0; block < 8; block++) context.play(block, 2);
  const { data, numberOfChannels, timestamp } = (await heard(worklet))!;
  assert.deepEqual([numberOfChannels, timestamp, data.length], [2, 4000, 2048]);
  assert.deepEqual([data[0], data[1023], data[1024], data[2047]], [0, 7, 1, 8]);
  worklet.close();
});

test("a page that is too slow loses the oldest sound", async () => {
  const { worklet, context } = await source();
  for (let block = 0; block < 8 * 60; block++) context.play(0);
  assert.equal(FakeAudioData.open, 50);
  assert.equal((await heard(worklet))!.timestamp, 10 * 32_000);
  worklet.close();
});

test("closing it, or the end of the track, ends reading and frees what waits", async () => {
  for (const end of ["close", "ended"]) {
    const { track, worklet, context } = await source();
    const reading = heard(worklet);
    if (end === "close") worklet.close();
    else track.dispatchEvent(new Event("ended"));
    assert.equal(await reading, undefined);
    assert.equal(context.state, "closed");
    for (let block = 0; block < 8; block++) context.play(0);
    assert.equal(FakeAudioData.open, 0);
  }
});

test("a page that forbids it hears why", async () => {
  FakeContext.refuses = true;
  const worklet = new WorkletSource(new FakeTrack() as unknown as MediaStreamTrack);
  await assert.rejects(worklet.read(), /Content-Security-Policy/);
});
