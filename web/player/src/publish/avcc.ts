/** What an avcC says: AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). */
export interface AvcC {
  /** Profile, constraints and level: the three bytes of profile-level-id (RFC 6184 section 8.1). */
  profile: Uint8Array;
  /** Bytes of the length in front of each NAL unit. */
  lengthSize: number;
  /** NAL units: sequence parameter sets, then picture parameter sets. */
  sets: Uint8Array[];
}

/** Parses an avcC; undefined if it is none. */
export function parseAvcC(bytes: Uint8Array): AvcC | undefined {
  if (bytes.length < 7 || bytes[0] !== 1) return undefined;
  const sets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (bytes[at++] ?? 0) & mask;
    for (let i = 0; i < count; i++) {
      const size = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      if (size === 0 || at + 2 + size > bytes.length) return undefined;
      sets.push(bytes.slice(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return { profile: bytes.slice(1, 4), lengthSize: (bytes[4]! & 3) + 1, sets };
}

/** The NAL units of an access unit that have their length in front. What makes no sense ends it. */
export function nalsOf(unit: Uint8Array, lengthSize: number): Uint8Array[] {
  const nals: Uint8Array[] = [];
  for (let at = 0; at + lengthSize <= unit.length; ) {
    const size = unit.subarray(at, at + lengthSize).reduce((sum, byte) => sum * 256 + byte, 0);
    at += lengthSize;
    if (at + size > unit.length) break;
    if (size > 0) nals.push(unit.subarray(at, at + size));
    at += size;
  }
  return nals;
}
