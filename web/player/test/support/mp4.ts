import type { Sample } from "../../src/mp4/segment.ts";

/** A reader of MP4 that shares nothing with the writer. */
export interface Box {
  type: string;
  /** What is behind the header. */
  body: Uint8Array;
  /** Where the box begins in its file. */
  start: number;
  children: Box[];
}

const parents = new Set(["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf"]);

export function boxes(bytes: Uint8Array, base = 0): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > bytes.length) throw new Error(`a box of ${size} bytes at ${base + at}`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const body = bytes.subarray(at + 8, at + size);
    found.push({ type, body, start: base + at, children: children(type, body, base + at + 8) });
    at += size;
  }
  return found;
}

function children(type: string, body: Uint8Array, base: number): Box[] {
  if (parents.has(type)) return boxes(body, base);
  if (type === "stsd") return boxes(body.subarray(8), base + 8);
  if (["avc1", "hvc1", "hev1", "av01", "vp09"].includes(type)) return boxes(body.subarray(78), base + 78);
  if (["mp4a", "Opus"].includes(type)) return boxes(body.subarray(28), base + 28);
  return [];
}

/** The box at a path such as moov/trak/mdia. */
export function find(list: Box[], path: string): Box {
  const [name, ...rest] = path.split("/");
  const box = list.find((b) => b.type === name);
  if (!box) throw new Error(`no box ${name} among ${list.map((b) => b.type).join(" ")}`);
  return rest.length ? find(box.children, rest.join("/")) : box;
}

export function timescale(file: Uint8Array): number {
  const { body } = find(boxes(file), "moov/trak/mdia/mdhd");
  return view(body).getUint32(body[0] === 1 ? 20 : 12);
}

/** The samples of all fragments of a file with one track. */
export function samples(file: Uint8Array): Sample[] {
  const list = boxes(file);
  const trex = view(find(list, "moov/mvex/trex").body);
  return list.filter((b) => b.type === "moof").flatMap((moof) => fragment(file, moof, trex));
}

function fragment(file: Uint8Array, moof: Box, trex: DataView): Sample[] {
  const tfhd = view(find([moof], "moof/traf/tfhd").body);
  const fields = tfhd.getUint32(0) & 0xffffff;
  let at = 8;
  const own = (flag: number, otherwise: number) => (fields & flag ? tfhd.getUint32((at += 4) - 4) : otherwise);
  if (!(fields & 0x020000)) throw new Error("not default-base-is-moof");
  own(0x02, 0);
  const duration = own(0x08, trex.getUint32(12));
  const size = own(0x10, trex.getUint32(16));
  const flags = own(0x20, trex.getUint32(20));
  const tfdt = view(find([moof], "moof/traf/tfdt").body);
  const dts = tfdt.getUint8(0) === 1 ? Number(tfdt.getBigUint64(4)) : tfdt.getUint32(4);
  return run(file, moof.start, view(find([moof], "moof/traf/trun").body), { duration, size, flags, dts });
}

interface Defaults { duration: number; size: number; flags: number; dts: number }

function run(file: Uint8Array, base: number, trun: DataView, defaults: Defaults): Sample[] {
  const fields = trun.getUint32(0) & 0xffffff;
  let at = 4;
  const next = (flag: number, otherwise: number) => (fields & flag ? trun.getInt32((at += 4) - 4) : otherwise);
  const count = next(fields, 0);
  let offset = base + next(0x01, 0);
  const first = next(0x04, defaults.flags);
  let dts = defaults.dts;
  return Array.from({ length: count }, (_, i) => {
    const duration = next(0x100, defaults.duration);
    const size = next(0x200, defaults.size);
    const flags = next(0x400, i === 0 ? first : defaults.flags);
    const cts = next(0x800, 0);
    const sample = { data: file.subarray(offset, offset + size), dts, cts, duration, key: !(flags & 0x10000) };
    offset += size;
    dts += duration;
    return sample;
  });
}

export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
