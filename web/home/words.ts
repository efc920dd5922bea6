import type { Presentation, Track } from "./presentation.ts";

/** Names by which people know codecs, by their names in RTP. Others stay as they are. */
const codecs: Record<string, string> = {
  H264: "H.264", H265: "H.265", JPEG: "Motion JPEG", "MP4V-ES": "MPEG-4",
  "MPEG4-GENERIC": "AAC", "MP4A-LATM": "AAC", OPUS: "Opus", MPA: "MP3", AC3: "AC-3",
  PCMU: "G.711 µ-law", PCMA: "G.711 A-law", L16: "PCM",
};

/** What a track is: its codec, and its size or rate. */
export function track(t: Track): string {
  const words = [codecs[t.codec.toUpperCase()] ?? (t.codec || t.type)];
  if (t.width && t.height) words.push(`${t.width} × ${t.height}`);
  if (t.frameRate) words.push(`${round(t.frameRate, 2)} fps`);
  if (t.sampleRate) words.push(`${round(t.sampleRate / 1000, 2)} kHz`);
  if (t.channels === 1) words.push("mono");
  if (t.channels === 2) words.push("stereo");
  if (t.channels !== undefined && t.channels > 2) words.push(`${t.channels} channels`);
  return words.join(" ");
}

/** Where a presentation stands: whether it is live, or how long and large it is. */
export function state(p: Presentation): string {
  switch (p.kind) {
    case "live":
      return p.active ? "Live" : "Waits for its publisher";
    case "source":
      return p.active ? "Live" : "On demand";
    case "clock":
      return "Live";
  }
  if (p.broken) return "Cannot be played";
  const words: string[] = [];
  if (p.duration) words.push(duration(p.duration));
  if (p.size !== undefined) words.push(bytes(p.size));
  return words.join(" · ");
}

/** 3:07, or 1:02:03. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function bytes(n: number): string {
  return scaled(n, ["B", "kB", "MB", "GB", "TB"]);
}

export function bitRate(n: number | undefined): string {
  return n ? scaled(n, ["b/s", "kb/s", "Mb/s", "Gb/s"]) : "";
}

/** At most three digits, and the unit with which that is possible. */
function scaled(n: number, units: string[]): string {
  let i = 0;
  while (n >= 999.5 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  return `${round(n, n < 9.95 && i > 0 ? 1 : 0)} ${units[i]}`;
}

function round(n: number, places: number): number {
  return Math.round(n * 10 ** places) / 10 ** places;
}

export function readers(n: number): string {
  return n === 0 ? "" : counted(n, "reader");
}

export function counted(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
