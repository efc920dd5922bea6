import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why tests with ffmpeg are left out, or false. */
export function absent(...programs: string[]): string | false {
  const missing = programs.find((program) => spawnSync(program, ["-version"]).error !== undefined);
  return missing ? `${missing} is not installed` : false;
}

/** Calls use with a folder that is gone afterwards. */
export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "baton-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What ffmpeg encodes, as a file of that name. */
export function encode(name: string, ...args: string[]): Uint8Array {
  return inFolder((folder) => {
    const file = join(folder, name);
    execFileSync("ffmpeg", ["-v", "error", "-nostdin", ...args, "-bitexact", file]);
    return readFileSync(file);
  });
}

/** A packet as ffprobe lists it, times in seconds. */
export interface Packet { pts: number; dts: number; key: boolean; size: number }

export interface Judgement {
  codec: string;
  packets: Packet[];
  /** How many pictures or frames of audio came out of the decoder. */
  decoded: number;
  /** What ffmpeg complained about. */
  complaints: string;
}

/** What ffprobe and the decoder of ffmpeg say of a file. */
export function judge(name: string, ...parts: Uint8Array[]): Judgement {
  return inFolder((folder) => {
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat(parts));
    const probe = spawnSync("ffprobe", ["-v", "error", "-show_packets", "-show_streams", "-count_frames", "-of", "json", file], { encoding: "utf8" });
    const { packets, streams } = JSON.parse(probe.stdout);
    const decode = spawnSync("ffmpeg", ["-v", "warning", "-nostdin", "-i", file, "-f", "null", "-"], { encoding: "utf8" });
    return {
      codec: streams[0].codec_name,
      packets: packets.map(packet),
      decoded: Number(streams[0].nb_read_frames),
      complaints: probe.stderr + decode.stderr,
    };
  });
}

function packet(p: { pts_time: string; dts_time: string; flags: string; size: string }): Packet {
  return { pts: Number(p.pts_time), dts: Number(p.dts_time), key: p.flags.startsWith("K"), size: Number(p.size) };
}
