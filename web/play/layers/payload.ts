import { Fields, type Part } from "./fields.ts";

const avc: Record<number, string> = {
  1: "slice", 2: "partition A", 5: "IDR slice", 6: "SEI", 7: "SPS", 8: "PPS", 9: "delimiter", 24: "STAP-A", 25: "STAP-B", 28: "FU-A", 29: "FU-B",
};
const hevc: Record<number, string> = {
  0: "trailing", 1: "trailing", 8: "RASL", 9: "RASL", 6: "RADL", 7: "RADL", 16: "BLA", 17: "BLA", 18: "BLA", 19: "IDR", 20: "IDR", 21: "CRA",
  32: "VPS", 33: "SPS", 34: "PPS", 35: "delimiter", 39: "SEI", 40: "SEI", 48: "AP", 49: "FU",
};

const named = (names: Record<number, string>) => (n: number) => (names[n] === undefined ? String(n) : `${n} ${names[n]}`);

/** The header of a payload that begins at a byte; undefined when the format has none, or is not known. */
export function payload(b: Uint8Array, at: number, encoding: string): Part | undefined {
  const f = new Fields(b, at);
  switch (encoding) {
    case "H264":
      f.take("forbidden", 1);
      f.take("NRI", 2);
      if (f.take("NAL type", 5, named(avc)) === 28) {
        f.take("start", 1);
        f.take("end", 1);
        f.take("reserved", 1);
        f.take("NAL type inside", 5, named(avc));
      }
      break;
    case "H265":
      f.take("forbidden", 1);
      if (f.take("NAL type", 6, named(hevc)) === 49) {
        f.take("layer", 6);
        f.take("temporal id + 1", 3);
        f.take("start", 1);
        f.take("end", 1);
        f.take("NAL type inside", 6, named(hevc));
        break;
      }
      f.take("layer", 6);
      f.take("temporal id + 1", 3);
      break;
    case "AV1":
      f.take("continues", 1);
      f.take("goes on", 1);
      f.take("OBUs", 2);
      f.take("new sequence", 1);
      f.take("reserved", 3);
      break;
    case "VP8":
      f.take("extended", 1);
      f.take("reserved", 1);
      f.take("not referenced", 1);
      f.take("starts a partition", 1);
      f.take("reserved", 1);
      f.take("partition", 3);
      break;
    case "VP9":
      for (const name of ["picture id", "inter picture", "layers", "flexible", "begins a frame", "ends a frame", "scalability", "not a reference"]) f.take(name, 1);
      break;
    case "JPEG":
      f.take("type-specific", 8);
      f.take("offset", 24);
      f.take("type", 8);
      f.take("Q", 8);
      f.take("width", 8, (n) => `${8 * n}`);
      f.take("height", 8, (n) => `${8 * n}`);
      break;
    case "OPUS":
      f.take("configuration", 5);
      f.take("stereo", 1);
      f.take("frames", 2, (n) => ["1", "2 of a size", "2", "any"][n]!);
      break;
    case "MPEG4-GENERIC":
      f.take("AU headers", 16, (n) => `${n} bits`);
      f.take("size", 13, (n) => `${n} bytes`);
      f.take("index", 3);
      break;
    default:
      return undefined;
  }
  return { name: `${encoding} payload`, fields: f.list };
}

/** Whether decoding can begin with a packet, as far as its first bytes tell: where the strip puts a mark. */
export function isKey(b: Uint8Array, at: number, encoding: string): boolean {
  const first = b[at] ?? 0;
  const second = b[at + 1] ?? 0;
  switch (encoding) {
    case "H264": {
      const type = first & 31;
      if (type === 28) return (second & 31) === 5 && second >> 7 === 1;
      return type === 5 || type === 7 || (type === 24 && ((b[at + 3] ?? 0) & 31) === 7);
    }
    case "H265": {
      const type = (first >> 1) & 63;
      if (type === 49) return (b[at + 2] ?? 0) >> 7 === 1 && ((b[at + 2] ?? 0) & 63) >= 16 && ((b[at + 2] ?? 0) & 63) <= 21;
      return (type >= 16 && type <= 21) || type === 32 || (type === 48 && (((b[at + 4] ?? 0) >> 1) & 63) === 32);
    }
    case "AV1":
      return ((first >> 3) & 1) === 1;
    case "VP9":
      return ((first >> 6) & 1) === 0 && ((first >> 3) & 1) === 1;
    case "JPEG":
      return first === 0 && second === 0 && (b[at + 2] ?? 0) === 0 && (b[at + 3] ?? 0) === 0;
    default:
      return false;
  }
}
