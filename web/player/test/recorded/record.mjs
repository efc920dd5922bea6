// Makes the recordings of this folder again: node record.mjs [NAME...]. It needs ffmpeg, ffprobe and, for AV1, go.
//
// NAME.rtp is RTP packets, each after its length in two bytes. NAME.sdp describes them. NAME.json is what the units must be,
// by ffprobe of the file that was sent: for each packet its time in seconds, whether it is a key picture, and a SHA-256.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { recordFromBaton } from "./record_baton.mjs";

const run = (program, ...args) => promisify(execFile)(program, args, { maxBuffer: 1 << 26 });
const ffmpeg = (...args) => run("ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-y", ...args);
const picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25:duration=2", "-pix_fmt", "yuv420p"];
const sound = (rate, channels, seconds = 1) => [
  ...["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=${rate}:duration=${seconds}`, "-ac", `${channels}`],
];
const x264 = ["-c:v", "libx264", "-preset", "medium", "-b:v", "150k", "-g", "20", "-bf", "3"];
const mp4 = ["-bitexact", "-fflags", "+bitexact"];

/** Of each recording: the file to make, how to make it, and what to tell ffmpeg where it sends and reads it. */
const recordings = {
  h264: { file: "h264.mp4", make: [...picture, ...x264, "-x264-params", "slices=2", ...mp4] },
  "h264-inband": { file: "b.mp4", make: [...picture, ...x264, ...mp4], send: ["-bsf:v", "h264_mp4toannexb"] },
  "h264-open": { file: "o.mp4", make: [...picture, ...x264, "-x264-params", "open-gop=1:keyint=12:scenecut=0", ...mp4] },
  h265: {
    file: "h265.mp4",
    make: [...picture, "-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=0:keyint=20:bframes=3:bitrate=150", ...mp4],
  },
  vp8: { file: "vp8.webm", make: [...picture, "-c:v", "libvpx", "-b:v", "150k", "-g", "20", ...mp4] },
  vp9: {
    file: "vp9.mp4",
    make: [...picture, "-c:v", "libvpx-vp9", "-b:v", "100k", "-g", "20", "-auto-alt-ref", "1", "-lag-in-frames", "10", ...mp4],
    send: ["-strict", "experimental"],
  },
  av1: {
    file: "av1.mp4",
    make: [...picture, "-c:v", "libaom-av1", "-cpu-used", "8", "-b:v", "100k", "-g", "20", "-lag-in-frames", "10", ...mp4],
    baton: true,
  },
  jpeg: { file: "jpeg.mkv", make: [...picture, "-t", "0.4", "-c:v", "mjpeg", "-huffman", "default", "-q:v", "6", "-pix_fmt", "yuvj420p", ...mp4] },
  // ffmpeg puts four access units in a packet, and does not send the last four.
  aac: { file: "aac.mp4", make: [...sound(48000, 2), "-c:a", "aac", "-b:a", "96k", ...mp4], unsent: 4 },
  latm: { file: "aac.mp4", make: [...sound(48000, 2), "-c:a", "aac", "-b:a", "96k", ...mp4], mux: ["-rtpflags", "latm"] },
  opus: { file: "opus.mp4", make: [...sound(48000, 2), "-c:a", "libopus", "-b:a", "64k", ...mp4] },
  pcmu: { file: "pcmu.raw", make: [...sound(8000, 1), "-c:a", "pcm_mulaw", "-f", "mulaw"], raw: ["-f", "mulaw", "-ar", "8000"] },
  pcma: { file: "pcma.raw", make: [...sound(8000, 1), "-c:a", "pcm_alaw", "-f", "alaw"], raw: ["-f", "alaw", "-ar", "8000"] },
  l16: {
    file: "l16.raw",
    make: [...sound(16000, 2, 0.5), "-c:a", "pcm_s16be", "-f", "s16be"],
    raw: ["-f", "s16be", "-ar", "16000", "-ac", "2"],
  },
};

const folder = new URL(".", import.meta.url).pathname;
const work = await mkdtemp(join(tmpdir(), "recorded-"));
for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(recordings)) {
  const recording = recordings[name];
  const file = join(work, recording.file);
  await ffmpeg(...recording.make, file);
  const got = recording.baton ? await recordFromBaton(work, recording.file) : await recordFromFfmpeg(file, recording);
  const frames = got.packets.flatMap((packet) => [Buffer.from([packet.length >> 8, packet.length & 0xff]), packet]);
  await writeFile(join(folder, `${name}.rtp`), Buffer.concat(frames));
  await writeFile(join(folder, `${name}.sdp`), got.sdp);
  await writeFile(join(folder, `${name}.json`), await reference(file, recording));
  console.log(name, got.packets.length, "packets,", Buffer.concat(frames).length, "bytes");
}
await rm(work, { recursive: true });

/** Has ffmpeg send the file to a socket here. What fits in the buffer of the socket cannot be lost. */
async function recordFromFfmpeg(file, { raw = [], send = [], mux = [] }) {
  const socket = createSocket("udp4");
  const packets = [];
  const ended = new Promise((resolve) => {
    socket.on("message", (message) => (message.length === 1 ? resolve() : packets.push(message)));
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  socket.setRecvBufferSize(1 << 20);
  const { port } = socket.address();
  const sdp = join(work, "sdp");
  const to = [...send, "-c", "copy", "-f", "rtp", ...mux, "-sdp_file", sdp, `rtp://127.0.0.1:${port}?pkt_size=1200`];
  await ffmpeg("-re", ...raw, "-i", file, ...to);
  socket.send(Buffer.from([0]), port, "127.0.0.1"); // behind everything that was sent
  await ended;
  socket.close();
  for (let i = 1; i < packets.length; i++) {
    if (((packets[i - 1].readUInt16BE(2) + 1) & 0xffff) !== packets[i].readUInt16BE(2)) throw new Error("packets were lost");
  }
  return { packets, sdp: (await readFile(sdp, "utf8")).replace(/^SDP:\r?\n/, "").replaceAll(`${port}`, "0") };
}

/** What the units must be. */
async function reference(file, recording) {
  if (recording.raw) {
    const floats = join(work, "floats");
    await ffmpeg(...recording.raw, "-i", file, "-f", "f32le", floats);
    return JSON.stringify({ floats: sha256(await readFile(floats)) }) + "\n";
  }
  const { stdout } = await run("ffprobe", "-v", "error", "-show_packets", "-show_streams", "-show_data", "-of", "json", file);
  const { packets, streams } = JSON.parse(stdout);
  const units = packets.slice(0, packets.length - (recording.unsent ?? 0)).map((packet) => {
    const data = fromDump(packet.data);
    const hashed = recording.file.startsWith("jpeg") ? scanOf(data) : data;
    return [Number(packet.pts_time), packet.flags.startsWith("K"), sha256(hashed)];
  });
  const description = fromDump(streams[0].extradata ?? "").toString("hex");
  return `{"description": "${description}",\n"units": [\n${units.map((unit) => JSON.stringify(unit)).join(",\n")}\n]}\n`;
}

/** The entropy-coded part of a JPEG image: RTP has no more of it. */
function scanOf(image) {
  const scan = image.indexOf(Buffer.from([0xff, 0xda]));
  return image.subarray(scan + 2 + image.readUInt16BE(scan + 2));
}

/** The bytes of a dump of ffprobe: "00000000: 0001 0203  ....". */
function fromDump(text) {
  return Buffer.from(text.split("\n").map((line) => line.slice(10, 50).replaceAll(" ", "")).join(""), "hex");
}

function sha256(data) {
  return createHash("sha256").update(data).digest("hex").slice(0, 32);
}
