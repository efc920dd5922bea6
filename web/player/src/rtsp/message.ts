/** Messages of RTSP (RFC 2326 sections 4 to 7) and interleaved frames (section 10.12), as values and as bytes. */

/** Names and values in the order of the wire; names are compared without regard to case. */
export type HeaderList = [string, string][];

/** What requests and responses have in common. */
interface Content {
  /** The first line. */
  start: string;
  headers: HeaderList;
  body: Uint8Array;
  /** As on the wire, read as UTF-8. */
  text: string;
}

export interface Response extends Content {
  kind: "response";
  status: number;
  reason: string;
}

export interface Request extends Content {
  kind: "request";
  method: string;
  uri: string;
}

export interface Frame {
  kind: "frame";
  channel: number;
  /** One RTP packet, or one compound RTCP packet. */
  payload: Uint8Array;
}

/** Bytes. */
export const maxFrame = 65535;

/** The first value of a header; undefined without one. */
export function headerOf(headers: HeaderList, name: string): string | undefined {
  return headersOf(headers, name)[0];
}

/** All values of a header. */
export function headersOf(headers: HeaderList, name: string): string[] {
  const wanted = name.toLowerCase();
  return headers.filter(([have]) => have.toLowerCase() === wanted).map(([, value]) => value);
}

/** The bytes of a message. Content-Length is added where there is a body. It throws a TypeError if a line would end early. */
export function toBytes(start: string, headers: HeaderList, body: Uint8Array): Uint8Array {
  const all = headers.filter(([name]) => name.toLowerCase() !== "content-length");
  if (body.length > 0) all.push(["Content-Length", String(body.length)]);
  const lines = [start, ...all.map(([name, value]) => `${name}: ${value}`)];
  const bad = lines.find((line) => /[\r\n\0]/.test(line));
  if (bad !== undefined) throw new TypeError(`A line of a message can not hold a line end: ${JSON.stringify(bad)}`);
  const badName = all.find(([name]) => !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name));
  if (badName !== undefined) throw new TypeError(`This is no name of a header: ${JSON.stringify(badName[0])}`);
  const head = new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + body.length);
  bytes.set(head);
  bytes.set(body, head.length);
  return bytes;
}

/** The bytes of an interleaved frame. It throws a RangeError if the payload is longer than frames can be. */
export function toFrame(channel: number, payload: Uint8Array): Uint8Array {
  if (payload.length > maxFrame) throw new RangeError(`A packet of ${payload.length} bytes is too long for RTSP, which takes ${maxFrame}.`);
  const bytes = new Uint8Array(4 + payload.length);
  bytes.set([0x24, channel, payload.length >> 8, payload.length & 0xff]);
  bytes.set(payload, 4);
  return bytes;
}

/** The lines "name: value" of a text/parameters body (RFC 2326 section 10.8), 256 at most. */
export function parseParameters(body: Uint8Array): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of new TextDecoder().decode(body).split(/\r\n?|\n/)) {
    const colon = line.indexOf(":");
    const name = (colon < 0 ? line : line.slice(0, colon)).trim();
    if (name !== "" && values.size < 256) values.set(name, colon < 0 ? "" : line.slice(colon + 1).trim());
  }
  return values;
}
