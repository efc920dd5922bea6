import type { ByteBuffer } from "./buffer.ts";
import { headersOf, type HeaderList, type Request, type Response } from "./message.ts";

const maxHead = 64 << 10; // bytes
const maxBody = 1 << 20; // bytes
const maxHeaders = 200;
const maxStart = 256; // characters of a first line in an error

/** Reads the first line and the headers of one message as they come. Its parser is lenient: header lines that make no sense are left out. */
export class Head {
  /** Bytes, with the blank line. */
  size = 0;
  /** Bytes, from Content-Length. */
  bodySize = 0;
  #start = "";
  #headers: HeaderList = [];
  // Where the search for the blank line goes on, and where the current line begins.
  #at = 0;
  #line = 0;
  /** A blank line ended with a CR, to which an LF is still to come. */
  #blank = false;

  /** Whether the head is complete. It throws an Error if it is too long, or no head of RTSP. */
  read(buffer: ByteBuffer): boolean {
    if (this.size > 0) return true;
    const size = this.#search(buffer);
    if (size === undefined) {
      if (buffer.length > maxHead) throw new Error("The server sends a message whose headers do not end.");
      return false;
    }
    if (size > maxHead) throw new Error("The server sends a message whose headers are too long.");
    this.#parse(new TextDecoder().decode(buffer.view(0, size)));
    this.bodySize = lengthOf(this.#headers);
    this.size = size;
    return true;
  }

  /** The message, from all its bytes. */
  message(bytes: Uint8Array): Request | Response {
    const content = { start: this.#start, headers: this.#headers, body: bytes.slice(this.size), text: new TextDecoder().decode(bytes) };
    const response = /^RTSP\/\d+\.\d+\s+(\d{3})(?:\s+(.*))?$/i.exec(this.#start);
    if (response) return { kind: "response", status: Number(response[1]), reason: response[2]?.trim() ?? "", ...content };
    const request = /^([^\s/:]+)\s+(\S+)\s+RTSP\/\d+\.\d+$/i.exec(this.#start);
    if (request) return { kind: "request", method: request[1]!, uri: request[2]!, ...content };
    throw new Error(`The server sends what is no RTSP: ${JSON.stringify(this.#start.slice(0, maxStart))}`);
  }

  /** The size up to the blank line. CRLF, LF and CR each end a line (RFC 2326 section 4). */
  #search(buffer: ByteBuffer): number | undefined {
    for (; this.#at < buffer.length && this.#at <= maxHead; this.#at++) {
      const [i, c] = [this.#at, buffer.at(this.#at)!];
      if (this.#blank) return c === 10 ? i + 1 : i;
      if (c !== 13 && c !== 10) continue;
      const afterCr = i > 0 && buffer.at(i - 1) === 13;
      if (i === this.#line && !(c === 10 && afterCr)) {
        if (c === 10 || afterCr) return i + 1; // a CR behind a bare CR: this peer ends its lines so
        this.#blank = true;
      }
      this.#line = i + 1;
    }
    return undefined;
  }

  #parse(head: string): void {
    const [start, ...rest] = head.split(/\r\n|\r|\n/);
    this.#start = start!.trim();
    for (const line of rest) {
      const last = this.#headers.at(-1);
      if (/^[ \t]/.test(line) && last !== undefined) {
        last[1] = `${last[1]} ${line.trim()}`.trim(); // folded
        continue;
      }
      const colon = line.indexOf(":");
      const name = line.slice(0, Math.max(colon, 0)).trim();
      if (name === "" || /\s/.test(name)) continue;
      if (this.#headers.length === maxHeaders) throw new Error("The server sends a message with too many headers.");
      this.#headers.push([name, line.slice(colon + 1).trim()]);
    }
  }
}

/** A Content-Length that makes no sense is an error: nobody knows where the next message begins. */
function lengthOf(headers: HeaderList): number {
  const values = new Set(headersOf(headers, "Content-Length"));
  if (values.size === 0) return 0;
  const [text] = values;
  if (values.size > 1 || !/^\d+$/.test(text!)) throw new Error("The server sends a message whose length makes no sense.");
  if (Number(text) > maxBody) throw new Error("The server sends a message that is too long.");
  return Number(text);
}
