import type { AudioConfig, CodecConfig, VideoConfig } from "../../src/types.ts";
import type { Sample } from "../../src/mp4/segment.ts";
import { encode } from "./ffmpeg.ts";
import { boxes, find, samples, timescale, view } from "./mp4.ts";

/** What ffmpeg encoded, taken out of its own file. */
export interface Encoded {
  config: VideoConfig | AudioConfig;
  timescale: number;
  samples: Sample[];
}

const picture = ["-f", "lavfi", "-i", "testsrc2=size=192x128:rate=25:duration=2", "-pix_fmt", "yuv420p", "-g", "25"];
const tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2", "-ac", "2"];
const fragments = ["-movflags", "frag_keyframe+delay_moov+default_base_moof", "-use_editlist", "0"];

const h264 = [...picture, "-c:v", "libx264", "-preset", "veryfast", "-threads", "1"];

/** The encodings that MP4 carries: arguments of ffmpeg, and the codec string of what comes out. */
export const encodings: Record<string, { codec: string; args: string[] }> = {
  "H.264": { codec: "avc1.64000B", args: [...h264, "-bf", "0"] },
  "H.264 with B pictures": { codec: "avc1.64000B", args: [...h264, "-bf", "3", "-x264-params", "b-pyramid=normal"] },
  "H.265": { codec: "hvc1.1.6.L30.90", args: [...picture, "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=none:pools=1:bframes=3"] },
  "AV1": { codec: "av01.0.00M.08", args: [...picture, "-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime", "-threads", "1", "-b:v", "200k"] },
  "VP9": { codec: "vp09.00.11.08", args: [...picture, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k", "-threads", "1"] },
  "AAC": { codec: "mp4a.40.2", args: [...tone, "-c:a", "aac", "-b:a", "64k"] },
  "Opus": { codec: "opus", args: [...tone, "-c:a", "libopus", "-b:a", "64k"] },
};

const formats: Record<string, CodecConfig["format"]> = {
  avc1: "h264", hvc1: "h265", av01: "av1", vp09: "vp9", mp4a: "aac", opus: "opus",
};

export function encoded(name: string): Encoded {
  const { codec, args } = encodings[name]!;
  const file = encode("encoded.mp4", ...args, ...fragments);
  const format = formats[codec.slice(0, 4)]!;
  const entry = find(boxes(file), "moov/trak/mdia/minf/stbl/stsd").children[0]!;
  const v = view(entry.body);
  const description = descriptionOf(entry.children);
  const config = format === "aac" || format === "opus"
    ? { kind: "audio", format, codec, channels: v.getUint16(16), sampleRate: v.getUint16(24), description } as AudioConfig
    : { kind: "video", format, codec, width: v.getUint16(24), height: v.getUint16(26), description } as VideoConfig;
  return { config, timescale: timescale(file), samples: samples(file) };
}

function descriptionOf(list: ReturnType<typeof boxes>): Uint8Array | undefined {
  const box = list.find((b) => ["avcC", "hvcC", "av1C"].includes(b.type));
  const esds = list.find((b) => b.type === "esds");
  return box ? box.body : esds && specific(esds.body);
}

/** The AudioSpecificConfig: what is behind the tag 5 and its size, which ffmpeg writes in four bytes. */
function specific(esds: Uint8Array): Uint8Array {
  for (let at = 4; at < esds.length; at++) {
    if (esds[at] !== 5) continue;
    let size = 0;
    do size = (size << 7) | (esds[++at]! & 127);
    while (esds[at]! & 128);
    if (at + 1 + size <= esds.length && size >= 2 && size <= 16) return esds.subarray(at + 1, at + 1 + size);
  }
  throw new Error("no AudioSpecificConfig");
}

/** VP8, which comes in IVF: 32 bytes, then frames with a header of 12. One tick a picture. */
export function encodedVp8(): Encoded {
  const file = encode("encoded.ivf", ...picture, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k");
  const v = view(file);
  const found: Sample[] = [];
  for (let at = 32; at < file.length; ) {
    const size = v.getUint32(at, true);
    const data = file.subarray(at + 12, at + 12 + size);
    found.push({ data, dts: found.length, cts: 0, duration: 1, key: (data[0]! & 1) === 0 });
    at += 12 + size;
  }
  const config: VideoConfig = { kind: "video", format: "vp8", codec: "vp8", width: v.getUint16(12, true), height: v.getUint16(14, true) };
  return { config, timescale: 25, samples: found };
}
