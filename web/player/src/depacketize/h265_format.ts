import type { VideoConfig } from "../types.ts";
import type { Nal, NalFormat } from "./access_units.ts";
import { joined } from "./assembly.ts";
import { toHex } from "./base64.ts";
import { BitReader, unescaped } from "../bits.ts";
import { type H265Sequence, parseH265Sequence } from "./h265_sequence.ts";
import { ParameterSets } from "./parameter_sets.ts";

const VPS = 32;
const SPS = 33;
const PPS = 34;

/** What NAL units of H.265 (ITU-T H.265 section 7.4.2.2) mean, and the configuration of their parameter sets. */
export class H265Format implements NalFormat {
  readonly sets = new ParameterSets();
  /** The highest temporal sub-layer there is. */
  #lastLayer = 6;

  look(nal: Uint8Array): Nal {
    if (nal.length < 3 || nal[0]! >= 0x80 || (nal[1]! & 7) === 0) return { is: "damaged" };
    // Layers above the base are extensions that no player decodes.
    if (((nal[0]! & 1) << 5) | (nal[1]! >> 3)) return { is: "parameters" };
    const type = nal[0]! >> 1;
    switch (type) {
      case VPS:
        return this.#keep(VPS, nal[2]! >> 4, 15, nal);
      case SPS:
        return this.#sequence(nal);
      case PPS:
        return this.#keep(PPS, pictureSetNumber(nal), 63, nal);
      default:
        return type < 32 ? this.#slice(nal, type) : { is: "other" };
    }
  }

  configure(): VideoConfig | undefined {
    const lists = [VPS, SPS, PPS].map((kind) => this.sets.all(kind));
    const sps = lists[1]!.at(-1);
    const sequence = sps && parseH265Sequence(sps);
    if (sequence === undefined || lists.some((list) => list.length === 0)) return undefined;
    return {
      kind: "video",
      format: "h265",
      codec: codecOf(sequence),
      width: sequence.width,
      height: sequence.height,
      description: hvcC(sequence, lists),
    };
  }

  #slice(nal: Uint8Array, type: number): Nal {
    const layer = (nal[1]! & 7) - 1;
    const key = type >= 16 && type <= 21; // BLA, IDR and CRA
    // Even numbers below 16 are not needed in their own sub-layer; those above may need them.
    const disposable = type < 16 && type % 2 === 0 && layer >= this.#lastLayer;
    return { is: "slice", first: nal[2]! >= 0x80, key, open: key && type !== 19 && type !== 20, disposable };
  }

  #sequence(nal: Uint8Array): Nal {
    const sequence = parseH265Sequence(nal);
    if (sequence !== undefined) this.#lastLayer = sequence.layers - 1;
    return this.#keep(SPS, sequence?.id, 15, nal);
  }

  #keep(kind: number, id: number | undefined, last: number, nal: Uint8Array): Nal {
    if (id === undefined || id > last) return { is: "damaged" };
    this.sets.keep(kind, id, nal);
    return { is: "parameters" };
  }
}

function pictureSetNumber(nal: Uint8Array): number | undefined {
  const r = new BitReader(unescaped(nal.subarray(2), 16));
  const id = r.ue();
  return r.overrun ? undefined : id;
}

/** The string of ISO/IEC 14496-15 annex E.3. */
function codecOf(s: H265Sequence): string {
  const space = ["", "A", "B", "C"][s.profile[0]! >> 6]!;
  const flags = new DataView(s.profile.buffer, s.profile.byteOffset).getUint32(1);
  let reversed = 0;
  for (let i = 0; i < 32; i++) reversed = reversed * 2 + ((flags >>> i) & 1);
  const tier = s.profile[0]! & 0x20 ? "H" : "L";
  let end = 11;
  while (end > 5 && s.profile[end - 1] === 0) end--;
  const constraints = [...s.profile.subarray(5, end)].map((byte) => "." + toHex([byte]).replace(/^0/, ""));
  const compatible = reversed.toString(16).toUpperCase();
  return `hvc1.${space}${s.profile[0]! & 0x1f}.${compatible}.${tier}${s.profile[11]!}${constraints.join("")}`;
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1), of VPS, SPS and PPS. */
function hvcC(s: H265Sequence, lists: Uint8Array[][]): Uint8Array {
  const arrays = lists.flatMap((list, i) => [
    [0x80 | (VPS + i), list.length >> 8, list.length & 0xff],
    ...list.flatMap((set) => [[set.length >> 8, set.length & 0xff], set]),
  ]);
  const head = [1, ...s.profile, 0xf0, 0, 0xfc, 0xfc | s.chroma, 0xf8 | (s.lumaBits - 8), 0xf8 | (s.chromaBits - 8), 0, 0];
  return joined(head, [(s.layers << 3) | (s.nested ? 4 : 0) | 3, lists.length], ...arrays);
}
