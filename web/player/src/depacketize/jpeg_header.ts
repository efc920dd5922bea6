import { joined } from "./assembly.ts";
import { huffmanTables } from "./jpeg_tables.ts";

/** The segments of a JPEG image (ITU-T T.81 annex B) from its start to its scan, as RFC 2435 section 3.1 has them. */
export function jpegHeader(image: {
  type: number;
  width: number;
  height: number;
  restart: number;
  tables: Uint8Array[];
}): Uint8Array {
  const { type, width, height, restart, tables } = image;
  const colour = tables.length - 1; // one table is for all components
  const sampling = type & 1 ? 0x22 : 0x21; // 4:2:0 or 4:2:2
  const frame = [8, height >> 8, height & 0xff, width >> 8, width & 0xff, 3];
  return joined(
    [0xff, 0xd8],
    ...tables.map((table, i) => segment(0xdb, [table.length === 128 ? 0x10 | i : i], table)),
    restart > 0 ? segment(0xdd, [restart >> 8, restart & 0xff]) : [],
    segment(0xc0, frame, [1, sampling, 0, 2, 0x11, colour, 3, 0x11, colour]),
    ...huffmanTables.map(({ id, counts, values }) => segment(0xc4, [id], counts, values)),
    segment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
  );
}

function segment(marker: number, ...parts: ArrayLike<number>[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 2);
  return joined([0xff, marker, length >> 8, length & 0xff], ...parts);
}
