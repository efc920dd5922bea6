import { toHex } from "../depacketize/base64.ts";
import { type AvcC, parseAvcC } from "./avcc.ts";
import type { VideoCodec } from "./codecs.ts";
import { av1Packetizer } from "./packetize/av1.ts";
import { h264Packetizer } from "./packetize/h264.ts";
import { opusPacketizer } from "./packetize/opus.ts";
import type { Packetizer } from "./packetize/packetizer.ts";
import { vp8Packetizer } from "./packetize/vp8.ts";

/** What an encoder makes, as RTP has it. */
export interface RtpFormat {
  kind: "video" | "audio";
  /** As rtpmap has it: H264/90000. */
  encoding: string;
  clockRate: number;
  /** The parameters of fmtp; empty if there are none. */
  parameters: string;
  packetize: Packetizer;
}

/** The format of what a video encoder says decoders need; undefined if that makes no sense. */
export function videoFormat(codec: VideoCodec, config: VideoDecoderConfig): RtpFormat | undefined {
  const video = { kind: "video" as const, clockRate: 90000 };
  switch (codec) {
    case "h264": {
      const avcC = config.description && parseAvcC(bytesOf(config.description));
      if (!avcC || avcC.sets.length < 2) return undefined;
      return { ...video, encoding: "H264/90000", parameters: h264Parameters(avcC), packetize: h264Packetizer(avcC) };
    }
    case "vp8":
      return { ...video, encoding: "VP8/90000", parameters: "", packetize: vp8Packetizer() };
    case "av1":
      return { ...video, encoding: "AV1/90000", parameters: av1Parameters(config.codec), packetize: av1Packetizer() };
  }
}

/** The format of Opus: always 48000/2 (RFC 7587 section 7); what is stereo says so. */
export function opusFormat(channels: number): RtpFormat {
  const parameters = channels === 2 ? "sprop-stereo=1" : "";
  return { kind: "audio", encoding: "OPUS/48000/2", clockRate: 48000, parameters, packetize: opusPacketizer() };
}

/** The payload type of the track with a number: of the dynamic ones (RFC 3551 section 6). */
export function payloadTypeOf(track: number): number {
  return 96 + track;
}

/** The description to ANNOUNCE tracks with (RFC 8866). The number of a track is its place. */
export function announcement(formats: RtpFormat[]): string {
  const lines = ["v=0", `o=- ${Date.now()} 1 IN IP4 0.0.0.0`, "s=-", "c=IN IP4 0.0.0.0", "t=0 0"];
  formats.forEach(({ kind, encoding, parameters }, track) => {
    const type = payloadTypeOf(track);
    lines.push(`m=${kind} 0 RTP/AVP ${type}`, `a=rtpmap:${type} ${encoding}`);
    if (parameters !== "") lines.push(`a=fmtp:${type} ${parameters}`);
    lines.push(`a=control:trackID=${track}`);
  });
  return lines.map((line) => line + "\r\n").join("");
}

function h264Parameters({ profile, sets }: AvcC): string {
  const base64 = sets.map((set) => btoa(String.fromCharCode(...set)));
  return `packetization-mode=1;profile-level-id=${toHex(profile)};sprop-parameter-sets=${base64.join(",")}`;
}

/** Of av01.0.05M.08: profile, level and tier. */
function av1Parameters(codec: string): string {
  const [, profile, level, tier] = /^av01\.(\d)\.(\d\d)([MH])/.exec(codec) ?? [];
  return profile === undefined ? "" : `profile=${profile};level-idx=${Number(level)};tier=${tier === "H" ? 1 : 0}`;
}

function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  return ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}
