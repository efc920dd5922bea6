const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes of a Base64 text, with or without its padding; undefined if it is none. `atob` throws, and makes a string. */
export function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.trim().replace(/=+$/, "");
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let held = 0;
  let end = 0;
  for (let i = 0; i < digits.length; i++) {
    const value = alphabet.indexOf(digits[i]!);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    if (i % 4 !== 0) bytes[end++] = (held >> (6 - 2 * (i % 4))) & 0xff;
  }
  return bytes;
}

/** The bytes of a hexadecimal text; undefined if it is none. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.trim();
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** Two hexadecimal capitals for each byte. */
export function toHex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("");
}
