import assert from "node:assert/strict";
import { test } from "node:test";
import { depacketizerOf } from "../src/depacketize/index.ts";
import type { AudioConfig, CodecConfig, Unit, VideoConfig } from "../src/types.ts";
import { type Recording, recording, sha256 } from "./recording.ts";

const size = { width: 160, height: 120 };

/** Recordings, and what the configuration says besides the description. */
const recordings: Record<string, Partial<VideoConfig> | Partial<AudioConfig>> = {
  h264: { format: "h264", codec: "avc1.64000C", ...size },
  "h264-inband": { format: "h264", codec: "avc1.64000C", ...size },
  "h264-open": { format: "h264", codec: "avc1.64000C", ...size },
  h265: { format: "h265", codec: "hvc1.1.6.L60.90", ...size },
  vp8: { format: "vp8", codec: "vp8", ...size },
  vp9: { format: "vp9", codec: "vp09.00.10.08", ...size },
  av1: { format: "av1", codec: "av01.0.00M.08", ...size },
  jpeg: { format: "jpeg", codec: "jpeg", ...size },
  aac: { format: "aac", codec: "mp4a.40.2", sampleRate: 48000, channels: 2 },
  latm: { format: "aac", codec: "mp4a.40.2", sampleRate: 48000, channels: 2 },
  opus: { format: "opus", codec: "opus", sampleRate: 48000, channels: 2 },
};

/** All units of a recording. */
function unitsOf({ media, packets }: Recording): { units: Unit[]; config: CodecConfig | undefined } {
  const depacketizer = depacketizerOf(media)!;
  const units = packets.flatMap((packet) => depacketizer.push(packet, false));
  return { units, config: depacketizer.config };
}

/** What the hash of a unit is of: a JPEG image has other segments than the one that was sent, but the same scan. */
function hashed(name: string, data: Uint8Array): Uint8Array {
  return name === "jpeg" ? data.subarray(Buffer.from(data).indexOf("ffda", "hex") + 14) : data;
}

for (const [name, config] of Object.entries(recordings)) {
  test(`${name}: the units are what was sent`, () => {
    const recorded = recording(name);
    const { units } = unitsOf(recorded);
    const { units: expected } = recorded.expected;
    assert.deepEqual(units.map((unit) => sha256(hashed(name, unit.data))), expected.map(([, , hash]) => hash));
    assert.deepEqual(units.map((unit) => unit.key), expected.map(([, key]) => key));
  });

  test(`${name}: the timestamps are those that were sent`, () => {
    const recorded = recording(name);
    const { units } = unitsOf(recorded);
    const ticks = ([time]: [number, ...unknown[]]) => Math.round((time - recorded.expected.units[0]![0]) * recorded.media.clockRate);
    for (const [i, unit] of units.entries()) {
      const passed = (unit.timestamp - units[0]!.timestamp) | 0;
      assert.ok(Math.abs(passed - ticks(recorded.expected.units[i]!)) <= 1, `unit ${i} at ${passed}`);
      const next = units[i + 1];
      if (unit.duration > 0 && next) assert.equal(next.timestamp, (unit.timestamp + unit.duration) >>> 0);
    }
  });

  test(`${name}: the configuration is that of the stream`, () => {
    const recorded = recording(name);
    const { config: got } = unitsOf(recorded);
    const { kind: _, description, ...rest } = got!;
    assert.deepEqual(rest, config);
    const sent = recorded.expected.description;
    const text = description && Buffer.from(description).toString("hex");
    if (["h264", "h264-inband", "h264-open", "av1", "latm"].includes(name)) assert.equal(text, sent.slice(0, text!.length));
    if (name.startsWith("h264")) assert.equal(text!.length, sent.length);
    if (name === "aac") assert.equal(text, sent);
    if (name === "h265") assert.ok(sameHvcC(text!, sent), `${text}\n${sent}`);
  });
}

for (const name of ["h264", "h264-inband", "h264-open", "h265", "vp8", "vp9", "av1", "jpeg"]) {
  test(`${name}: a camera that sets no marker sends the same units, and the next picture ends each`, () => {
    const recorded = recording(name);
    const { units } = unitsOf(recorded);
    const unmarked = unitsOf({ ...recorded, packets: recorded.packets.map((packet) => ({ ...packet, marker: false })) });
    assert.deepEqual(unmarked.units, units.slice(0, -1));
  });
}

for (const [name, at, types] of [["h264", 1, [28]], ["h265", 2, [49]]] as const) {
  test(`${name}: a camera that leaves the start bit out sends the same units`, () => {
    const recorded = recording(name);
    let left = 0;
    const packets = recorded.packets.map((packet, i) => {
      const payload = packet.payload.slice();
      const type = at === 1 ? payload[0]! & 31 : payload[0]! >> 1;
      if (!(types as readonly number[]).includes(type) || (payload[at]! & 0x80) === 0 || i === 0) return packet;
      left++;
      payload[at]! &= 0x7f;
      return { ...packet, payload };
    });
    assert.ok(left > 0, "the recording has fragments");
    assert.deepEqual(unitsOf({ ...recorded, packets }).units, unitsOf(recorded).units);
  });
}

/** Both have the same general part, but for parallelism and segmentation, and the parameter sets of one are in the other. */
function sameHvcC(got: string, sent: string): boolean {
  const general = (text: string) => text.slice(0, 26) + text.slice(32, 44);
  const sets = got.slice(46).split(/(?:a0|a1|a2)0001/).slice(1);
  return general(got) === general(sent) && sets.length === 3 && sets.every((set) => sent.includes(set));
}

for (const name of ["pcmu", "pcma", "l16"]) {
  test(`${name}: the samples are those that ffmpeg decodes`, () => {
    const recorded = recording(name);
    const { units, config } = unitsOf(recorded);
    assert.equal(sha256(Buffer.concat(units.map((unit) => unit.data))), recorded.expected.floats);
    assert.equal(config!.format, "pcm");
    for (const [i, unit] of units.slice(1).entries()) {
      assert.equal(unit.timestamp, (units[i]!.timestamp + units[i]!.duration) >>> 0);
    }
  });
}

test("parameter sets in band are enough", () => {
  const recorded = recording("h264-inband");
  recorded.media.parameters.clear();
  const { units, config } = unitsOf(recorded);
  assert.equal(units.length, recorded.expected.units.length);
  assert.equal(Buffer.from((config as VideoConfig).description!).toString("hex"), recorded.expected.description);
});

test("an open group can be joined; what is shown before it is left out", () => {
  const recorded = recording("h264-open");
  const all = unitsOf(recorded).units;
  const second = all.findIndex((unit, i) => i > 0 && unit.key);
  const from = recorded.packets.findIndex((packet) => packet.timestamp === all[second]!.timestamp);
  const { units } = unitsOf({ ...recorded, packets: recorded.packets.slice(from) });
  const shown = all.slice(second).filter((unit) => ((unit.timestamp - all[second]!.timestamp) | 0) >= 0);
  assert.ok(shown.length < all.length - second, "the recording has pictures to leave out");
  assert.deepEqual(units, shown);
});
