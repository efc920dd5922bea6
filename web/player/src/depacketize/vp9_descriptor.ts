/** The payload descriptor in front of each packet of VP9 (RFC 9628 section 4.2). */
export interface Vp9Descriptor {
  /** Bytes. */
  length: number;
  /** The packet begins a layer frame; ends it. */
  begins: boolean;
  ends: boolean;
  /** Spatial layer. */
  layer: number;
  /** Of the highest spatial layer, in pixels, where it is said. */
  size?: { width: number; height: number };
}

/**
 * Parses it; undefined if nothing follows it.
 *
 *     |I|P|L|F|B|E|V|Z|
 *     |M| PICTURE ID  |  if I, 16 bits if M
 *     | TID |U| SID |D|  if L
 *     | TL0PICIDX     |  if L, and not F
 *     | P_DIFF      |N|  if P and F, up to three times
 *     | SS            |  if V
 */
export function parseVp9Descriptor(payload: Uint8Array): Vp9Descriptor | undefined {
  const flags = payload[0] ?? 0;
  const has = (bit: number) => (flags & bit) !== 0;
  const flexible = has(0x10);
  const descriptor: Vp9Descriptor = { length: 1, begins: has(0x08), ends: has(0x04), layer: 0 };
  if (has(0x80)) descriptor.length += (payload[1] ?? 0) & 0x80 ? 2 : 1;
  if (has(0x20)) {
    descriptor.layer = ((payload[descriptor.length] ?? 0) >> 1) & 7;
    descriptor.length += flexible ? 1 : 2;
  }
  if (flexible && has(0x40)) {
    let more = true;
    for (let i = 0; i < 3 && more; i++) more = ((payload[descriptor.length++] ?? 0) & 1) !== 0;
    if (more) return undefined;
  }
  if (has(0x02)) readScalability(payload, descriptor);
  return descriptor.length < payload.length ? descriptor : undefined;
}

/** The scalability structure (section 4.2.1): layers with their sizes, and a group of pictures. */
function readScalability(payload: Uint8Array, descriptor: Vp9Descriptor): void {
  let at = descriptor.length;
  const next = () => payload[at++] ?? 0;
  const header = next();
  if (header & 0x10) {
    for (let layer = 0; layer <= header >> 5; layer++) {
      descriptor.size = { width: next() * 256 + next(), height: next() * 256 + next() };
    }
    if (descriptor.size!.width === 0 || descriptor.size!.height === 0) delete descriptor.size;
  }
  for (let pictures = header & 0x08 ? next() : 0; pictures > 0; pictures--) {
    const references = (next() >> 2) & 3;
    at += references;
  }
  descriptor.length = at;
}
