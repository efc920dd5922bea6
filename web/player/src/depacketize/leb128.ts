/** A number of leb128() (AV1 section 4.10.5), and how many bytes it takes; undefined if it is none. */
export function readLeb128(bytes: Uint8Array): { value: number; length: number } | undefined {
  let value = 0;
  for (let i = 0; i < Math.min(bytes.length, 8); i++) {
    value += (bytes[i]! & 0x7f) * 2 ** (7 * i);
    if (bytes[i]! < 0x80) return value < 2 ** 32 ? { value, length: i + 1 } : undefined;
  }
  return undefined;
}

/** The same, of a number below 2^32. */
export function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value & 0x7f) | 0x80);
  return [...bytes, value];
}
