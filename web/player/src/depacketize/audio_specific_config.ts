import { BitReader } from "../bits.ts";

/** What is of interest in an AudioSpecificConfig of AAC. */
export interface AudioSpecificConfig {
  /** Audio object type, as of RFC 6381: 2 is LC, 5 SBR, 29 SBR with parametric stereo. */
  type: number;
  /** Samples a second that come out, and those of the core, of which there are `samples` in a frame. */
  sampleRate: number;
  coreRate: number;
  /** 0 if it is told in a way that nobody uses. */
  channels: number;
  /** 1024 or 960. */
  samples: number;
}

const rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

/** Parses it (ISO/IEC 14496-3 section 1.6.2.1), and leaves the reader behind it; undefined if it is not of AAC. */
export function parseAudioSpecificConfig(r: BitReader): AudioSpecificConfig | undefined {
  const type = objectType(r);
  const coreRate = frequency(r);
  const channels = r.bits(4);
  let sampleRate = coreRate;
  let core = type;
  if (type === 5 || type === 29) {
    sampleRate = frequency(r);
    core = objectType(r);
  }
  if (core < 1 || core > 4) return undefined; // Main, LC, SSR, LTP
  const short = r.flag();
  if (r.flag()) r.skip(14); // dependsOnCoreCoder
  r.bit(); // extensionFlag, which these types do not use
  if (channels === 0 || channels > 7 || coreRate === 0 || sampleRate === 0 || r.overrun) return undefined;
  const count = type === 29 && channels === 1 ? 2 : channels === 7 ? 8 : channels;
  return { type, sampleRate, coreRate, channels: count, samples: short ? 960 : 1024 };
}

function objectType(r: BitReader): number {
  const type = r.bits(5);
  return type === 31 ? 32 + r.bits(6) : type;
}

function frequency(r: BitReader): number {
  const index = r.bits(4);
  return index === 15 ? r.bits(24) : (rates[index] ?? 0);
}
