/** A reader of EBML that shares nothing with the writer. */
export interface Element {
  id: number;
  body: Uint8Array;
  endless: boolean;
  children: Element[];
}

const parents = new Set([0x1a45dfa3, 0x18538067, 0x1549a966, 0x1654ae6b, 0xae, 0xe0, 0xe1, 0x1f43b675, 0xa0]);

export function elements(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const idLength = Math.clz32(bytes[at]!) - 23;
    const id = number(bytes.subarray(at, at + idLength));
    at += idLength;
    const sizeLength = Math.clz32(bytes[at]!) - 23;
    const size = number(bytes.subarray(at, at + sizeLength)) - 2 ** (7 * sizeLength);
    at += sizeLength;
    const endless = size === 2 ** (7 * sizeLength) - 1;
    const end = endless ? bytes.length : at + size;
    if (end > bytes.length) throw new Error(`element ${id.toString(16)} is longer than what has it`);
    const body = bytes.subarray(at, end);
    found.push({ id, body, endless, children: parents.has(id) ? elements(body) : [] });
    at = end;
  }
  return found;
}

function number(bytes: Uint8Array): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
