/** What a payload type is that needs no a=rtpmap (RFC 3551 section 6): encoding, ticks a second, channels. */
export type Payload = [encoding: string, clockRate: number, channels: number];

const payloads = new Map<number, Payload>([
  [0, ["PCMU", 8000, 1]],
  [3, ["GSM", 8000, 1]],
  [4, ["G723", 8000, 1]],
  [5, ["DVI4", 8000, 1]],
  [6, ["DVI4", 16000, 1]],
  [7, ["LPC", 8000, 1]],
  [8, ["PCMA", 8000, 1]],
  [9, ["G722", 8000, 1]], // sampled at 16 kHz; section 4.5.2
  [10, ["L16", 44100, 2]],
  [11, ["L16", 44100, 1]],
  [12, ["QCELP", 8000, 1]],
  [13, ["CN", 8000, 1]],
  [14, ["MPA", 90000, 1]],
  [15, ["G728", 8000, 1]],
  [16, ["DVI4", 11025, 1]],
  [17, ["DVI4", 22050, 1]],
  [18, ["G729", 8000, 1]],
  [25, ["CELB", 90000, 1]],
  [26, ["JPEG", 90000, 1]],
  [28, ["NV", 90000, 1]],
  [31, ["H261", 90000, 1]],
  [32, ["MPV", 90000, 1]],
  [33, ["MP2T", 90000, 1]],
  [34, ["H263", 90000, 1]],
]);

/** Undefined for a payload type that says nothing by itself. */
export function staticPayload(payloadType: number): Payload | undefined {
  return payloads.get(payloadType);
}

/** The clock of a format whose a=rtpmap does not tell it. */
export function defaultClockRate(kind: string, encoding: string): number {
  if (kind !== "audio" || encoding.startsWith("MPA")) return 90000;
  if (encoding === "OPUS") return 48000; // RFC 7587 section 4.1: whatever it was sampled at
  return encoding === "L16" ? 44100 : 8000;
}
