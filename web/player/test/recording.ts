import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Media, RtpPacket } from "../src/types.ts";

/** A recording of the folder recorded, and what the units of it must be. */
export interface Recording {
  media: Media;
  packets: RtpPacket[];
  expected: {
    /** Hexadecimal: the decoder configuration that the file had. */
    description: string;
    /** Seconds, key, hash. */
    units: [number, boolean, string][];
    /** The hash of all samples, where there are no units. */
    floats?: string;
  };
}

export function recording(name: string): Recording {
  const read = (ending: string) => readFileSync(new URL(`../../test/recorded/${name}.${ending}`, import.meta.url));
  const expected = JSON.parse(read("json").toString());
  return { media: mediaOf(read("sdp").toString()), packets: [...packetsOf(read("rtp"))], expected };
}

/** A medium for tests by hand. */
export function medium(encoding: string, parameters: Record<string, string> = {}, more: Partial<Media> = {}): Media {
  return {
    kind: "video",
    payloadType: 96,
    encoding,
    clockRate: 90000,
    channels: 1,
    parameters: new Map(Object.entries(parameters)),
    control: "rtsp://camera/track",
    ...more,
  };
}

/** A packet for tests by hand. */
export function packet(timestamp: number, marker: boolean, ...payload: (number | ArrayLike<number>)[]): RtpPacket {
  const bytes = payload.flatMap((part) => (typeof part === "number" ? [part] : Array.from(part)));
  return { marker, payloadType: 96, sequence: 0, timestamp, ssrc: 1, payload: Uint8Array.from(bytes) };
}

export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 32);
}

/** Just enough of SDP for the recordings. */
function mediaOf(sdp: string): Media {
  const [, kind = "", type = ""] = /m=(\w+) \d+ RTP\/AVP (\d+)/.exec(sdp) ?? [];
  const known: Record<string, string> = { "0": "PCMU/8000", "8": "PCMA/8000", "26": "JPEG/90000" };
  const map = /a=rtpmap:\d+ (\S+)/.exec(sdp)?.[1] ?? known[type] ?? "";
  const [encoding = "", clockRate = "", channels = "1"] = map.split("/");
  const parameters = new Map<string, string>();
  for (const parameter of (/a=fmtp:\d+ (.*)/.exec(sdp)?.[1] ?? "").split(";")) {
    const [, name, value] = /^\s*([^=\s]+)=?(.*)$/.exec(parameter) ?? [];
    if (name !== undefined) parameters.set(name.toLowerCase(), value!.trim());
  }
  return {
    kind: kind as Media["kind"],
    payloadType: Number(type),
    encoding: encoding.toUpperCase(),
    clockRate: Number(clockRate),
    channels: Number(channels),
    parameters,
    control: "",
  };
}

function* packetsOf(file: Buffer): Generator<RtpPacket> {
  for (let at = 0; at < file.length; ) {
    const size = file.readUInt16BE(at);
    const p = file.subarray(at + 2, at + 2 + size);
    yield {
      marker: p[1]! >= 0x80,
      payloadType: p[1]! & 0x7f,
      sequence: p.readUInt16BE(2),
      timestamp: p.readUInt32BE(4),
      ssrc: p.readUInt32BE(8),
      payload: new Uint8Array(p.subarray(12 + 4 * (p[0]! & 0xf))),
    };
    at += 2 + size;
  }
}
