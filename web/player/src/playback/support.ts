import { mime as mp4 } from "../mp4/init.ts";
import type { AudioConfig, CodecConfig, VideoConfig } from "../types.ts";
import { mime as webm } from "../webm/init.ts";
import { decoderConfig } from "./video_decoder.ts";

export type VideoPath = "webcodecs" | "mse" | "jpeg" | "none";
export type AudioPath = "webcodecs" | "mse" | "pcm" | "none";

/** The MIME type of what a page makes for Media Source Extensions of a format. */
export function mseType(config: CodecConfig): string {
  return config.format === "vp8" ? webm(config) : mp4(config);
}

/** MediaSource, or what iPhones have of it. */
export function mediaSource(): typeof MediaSource | undefined {
  const scope = globalThis as { MediaSource?: typeof MediaSource; ManagedMediaSource?: typeof MediaSource };
  return scope.MediaSource ?? scope.ManagedMediaSource;
}

/** How this browser shows a format: by WebCodecs where there are any and they know it, otherwise by Media Source Extensions. */
export async function videoPath(config: VideoConfig, forceMse: boolean): Promise<VideoPath> {
  if (config.format === "jpeg") return "jpeg";
  if (!forceMse && (await decodesVideo(config))) return "webcodecs";
  return sources(config) ? "mse" : "none";
}

/** How this browser plays a format. Where the picture goes, the sound goes as well: the browser keeps them together. */
export async function audioPath(config: AudioConfig, preferMse: boolean): Promise<AudioPath> {
  if (config.format === "pcm") return "AudioContext" in globalThis ? "pcm" : "none";
  if (preferMse && sources(config)) return "mse";
  if (await decodesAudio(config)) return "webcodecs";
  return sources(config) ? "mse" : "none";
}

function sources(config: CodecConfig): boolean {
  return mediaSource()?.isTypeSupported(mseType(config)) ?? false;
}

async function decodesVideo(config: VideoConfig): Promise<boolean> {
  if (!("VideoDecoder" in globalThis)) return false;
  return VideoDecoder.isConfigSupported(decoderConfig(config, true)).then(({ supported }) => supported === true, () => false);
}

async function decodesAudio(config: AudioConfig): Promise<boolean> {
  if (!("AudioDecoder" in globalThis) || !("AudioContext" in globalThis)) return false;
  return AudioDecoder.isConfigSupported(audioDecoderConfig(config)).then(({ supported }) => supported === true, () => false);
}

export function audioDecoderConfig({ codec, sampleRate, channels, description, format }: AudioConfig): AudioDecoderConfig {
  // Opus as RTP has it needs no description: it has no pre-skip, and channels of family 0.
  return { codec, sampleRate, numberOfChannels: channels, ...(format === "aac" && description && { description }) };
}
