import type { VideoConfig } from "../types.ts";
import type { Nal, NalFormat } from "./access_units.ts";
import { joined } from "./assembly.ts";
import { toHex } from "./base64.ts";
import { BitReader, unescaped } from "../bits.ts";
import { type H264Sequence, parseH264Sequence } from "./h264_sequence.ts";
import { ParameterSets } from "./parameter_sets.ts";

const SLICE = 1;
const IDR = 5;
const SEI = 6;
const SPS = 7;
const PPS = 8;
const RECOVERY_POINT = 6;

/** What NAL units of H.264 (ITU-T H.264 section 7.4.1) mean, and the configuration of their parameter sets. */
export class H264Format implements NalFormat {
  readonly sets = new ParameterSets();

  look(nal: Uint8Array): Nal {
    if (nal.length === 0 || nal[0]! >= 0x80) return { is: "damaged" };
    const type = nal[0]! & 0x1f;
    if (type >= SLICE && type <= IDR) return this.#slice(nal, type);
    switch (type) {
      case SEI:
        return hasRecoveryPoint(nal) ? { is: "recovery" } : { is: "other" };
      case SPS:
        return this.#keep(SPS, parseH264Sequence(nal)?.id, 31, nal);
      case PPS:
        return this.#keep(PPS, pictureSetNumber(nal), 255, nal);
      default:
        return { is: "other" };
    }
  }

  configure(): VideoConfig | undefined {
    const all = this.sets.all(SPS);
    const sps = all.at(-1);
    const sequence = sps && parseH264Sequence(sps);
    const pps = this.sets.all(PPS);
    if (sps === undefined || sequence === undefined || pps.length === 0) return undefined;
    return {
      kind: "video",
      format: "h264",
      codec: "avc1." + toHex(sps.subarray(1, 4)),
      width: sequence.width,
      height: sequence.height,
      description: avcC(sps, sequence, all.slice(-31), pps.slice(-255)),
    };
  }

  #slice(nal: Uint8Array, type: number): Nal {
    if (nal.length < 3) return { is: "damaged" };
    // Partitions B and C (3, 4) do not say where they are.
    const first = type !== 3 && type !== 4 && (nal[1]! & 0x80) !== 0; // first_mb_in_slice is 0
    return { is: "slice", first, key: type === IDR, open: false, disposable: (nal[0]! & 0x60) === 0 };
  }

  #keep(kind: number, id: number | undefined, last: number, nal: Uint8Array): Nal {
    if (id === undefined || id > last) return { is: "damaged" };
    this.sets.keep(kind, id, nal);
    return { is: "parameters" };
  }
}

function pictureSetNumber(nal: Uint8Array): number | undefined {
  const r = new BitReader(unescaped(nal.subarray(1), 16));
  const id = r.ue();
  return r.overrun ? undefined : id;
}

/** A recovery point among the messages of an SEI (ITU-T H.264 section D.2.8). */
function hasRecoveryPoint(nal: Uint8Array): boolean {
  const bytes = unescaped(nal.subarray(1), 64 << 10);
  let at = 0;
  const number = (): number => {
    let value = 0;
    while (bytes[at] === 0xff) value += bytes[at++]!;
    return value + (bytes[at++] ?? 0);
  };
  while (at + 2 < bytes.length) {
    const type = number();
    const size = number();
    if (type === RECOVERY_POINT && at + size <= bytes.length) return true;
    at += size;
  }
  return false;
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). */
function avcC(sps: Uint8Array, sequence: H264Sequence, all: Uint8Array[], pps: Uint8Array[]): Uint8Array {
  const list = (sets: Uint8Array[]) => sets.flatMap((set) => [[set.length >> 8, set.length & 0xff], set]);
  const tail = sequence.high
    ? [0xfc | sequence.chroma, 0xf8 | (sequence.lumaBits - 8), 0xf8 | (sequence.chromaBits - 8), 0]
    : [];
  const head = [1, sps[1]!, sps[2]!, sps[3]!, 0xff, 0xe0 | all.length];
  return joined(head, ...list(all), [pps.length], ...list(pps), tail);
}
