/**
 * The bytes of an IP address in words: 4, or 16 of IPv6.
 * @throws RangeError for anything else, such as a name
 */
export function addressBytes(text: string): Uint8Array {
  const bytes = text.includes(":") ? version6(text) : version4(text);
  if (!bytes) throw new RangeError(`pcapng: "${text}" is no IP address`);
  return Uint8Array.from(bytes);
}

/** An address of 4 bytes as IPv6 writes it (RFC 4291 section 2.5.5.2); one of 16 as it is. */
export function mapped(address: Uint8Array): Uint8Array {
  return address.length === 16 ? address : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...address);
}

function version4(text: string): number[] | undefined {
  const parts = text.split(".");
  const fits = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256);
  return fits ? parts.map(Number) : undefined;
}

/** RFC 4291 section 2.2: `::` stands for as many zeros as are missing. */
function version6(text: string): number[] | undefined {
  const texts = text.split("::");
  const halves = texts.map((half, i) => (half === "" ? [] : groups(half, i === texts.length - 1)));
  const [head, tail] = halves;
  if (!head || halves.length > 2 || halves.some((half) => !half)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - tail!.length;
  return missing >= 2 ? [...head, ...Array<number>(missing).fill(0), ...tail!] : undefined;
}

/** Two bytes of each group of hexadecimal digits; the last one of all may be an address of IPv4. */
function groups(text: string, ends: boolean): number[] | undefined {
  const bytes: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const last = ends && i === parts.length - 1 ? version4(part) : undefined;
    if (last) bytes.push(...last);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) bytes.push(parseInt(part, 16) >> 8, parseInt(part, 16) & 255);
    else return undefined;
  }
  return bytes;
}
