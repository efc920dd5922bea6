import type { AudioConfig, Depacketizer, Media, RtpPacket, Unit } from "../types.ts";

/** Opus (RFC 7587): a packet is a unit. */
export class OpusDepacketizer implements Depacketizer {
  readonly config: AudioConfig;

  constructor(media: Media) {
    this.config = { kind: "audio", format: "opus", codec: "opus", sampleRate: 48000, channels: media.channels };
  }

  push(packet: RtpPacket, _lost: boolean): Unit[] {
    const duration = opusDuration(packet.payload);
    if (duration === undefined) return [];
    return [{ data: packet.payload.slice(), timestamp: packet.timestamp, key: true, duration }];
  }
}

/** Samples of 48 kHz in an Opus packet, by its table of contents (RFC 6716 section 3.1); undefined if it is none. */
export function opusDuration(packet: Uint8Array): number | undefined {
  if (packet.length === 0) return undefined;
  const code = packet[0]! & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  const duration = frames * frameDuration(packet[0]! >> 3);
  return duration === 0 || duration > 5760 ? undefined : duration; // 120 ms at most
}

function frameDuration(configuration: number): number {
  const size = configuration & 3;
  if (configuration < 12) return [480, 960, 1920, 2880][size]!; // SILK
  if (configuration < 16) return configuration & 1 ? 960 : 480; // hybrid
  return 120 << size; // CELT
}
