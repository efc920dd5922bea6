import { ByteBuffer } from "./buffer.ts";
import { Head } from "./head.ts";
import type { Frame, Request, Response } from "./message.ts";

/** Bytes that are stepped over between two items. */
const maxJunk = 64 << 10;
/** Letters of a method; the longest that there is has 13. */
const maxWord = 24;

/** Which interleaved channels are known. */
export interface Channels {
  readonly size: number;
  has(channel: number): boolean;
}

/**
 * Cuts a stream of bytes into responses, requests and interleaved frames, mixed in any order and cut by the transport at any
 * byte. Some cameras put garbage between frames: a bounded amount of it is stepped over once media is awaited.
 */
export class MessageReader {
  readonly #buffer = new ByteBuffer();
  readonly #channels: Channels;
  #head = new Head();
  #junk = 0;

  constructor(channels: Channels) {
    this.#channels = channels;
  }

  /** Takes bytes, which must not be written any more. */
  push(chunk: Uint8Array): void {
    this.#buffer.push(chunk);
  }

  /** The next item; undefined until more bytes have come. It throws an Error when the stream makes no sense any more. */
  next(): Request | Response | Frame | undefined {
    for (;;) {
      const kind = this.#begins();
      if (kind === "wait") return undefined;
      if (kind !== "junk") {
        const item = kind === "frame" ? this.#frame() : this.#message();
        if (item !== undefined) this.#junk = 0;
        return item;
      }
      this.#buffer.drop(1);
      if (++this.#junk > maxJunk) throw new Error("What the server sends is neither a message of RTSP nor media.");
    }
  }

  /** What begins at the front. Behind garbage, which is lost, less is believed; where no media is awaited there is none. */
  #begins(): "frame" | "message" | "junk" | "wait" {
    while (this.#buffer.at(0) === 13 || this.#buffer.at(0) === 10) this.#buffer.drop(1);
    if (this.#buffer.length === 0) return "wait";
    if (this.#buffer.at(0) === 0x24) {
      const frame = this.#plausible();
      if (frame === undefined) return "wait";
      if (frame) return "frame";
      if (this.#channels.size > 0) return "junk";
    }
    return this.#channels.size === 0 ? "message" : this.#word();
  }

  /** Whether a frame begins here: its channel is known, or a packet of RTP or RTCP follows. Undefined: it is too early to tell. */
  #plausible(): boolean | undefined {
    if (this.#buffer.length < 4) return undefined;
    const known = this.#channels.has(this.#buffer.at(1)!);
    const size = this.#frameSize() - 4;
    const lost = this.#junk > 0;
    if (!lost && (known || size === 0)) return true;
    if (lost && (!known || size < 8)) return false;
    const first = this.#buffer.at(4);
    return first === undefined ? undefined : first >> 6 === 2;
  }

  /** Whether a message begins here: "RTSP/", or a method with a URL behind it. */
  #word(): "message" | "junk" | "wait" {
    for (let n = 0; n < maxWord; n++) {
      const c = this.#buffer.at(n);
      if (c === undefined) return "wait";
      if (c === 0x2f) return /^rtsp$/i.test(this.#ascii(0, n)) ? "message" : "junk";
      if (c !== 0x20) {
        if (!/[A-Za-z_]/.test(String.fromCharCode(c))) return "junk";
        continue;
      }
      const next = this.#buffer.at(n + 1);
      if (next === undefined) return "wait";
      return this.#junk === 0 && n > 0 && /[*/rR]/.test(String.fromCharCode(next)) ? "message" : "junk";
    }
    return "junk";
  }

  #ascii(from: number, to: number): string {
    return String.fromCharCode(...this.#buffer.view(from, to));
  }

  #frameSize(): number {
    return 4 + ((this.#buffer.at(2)! << 8) | this.#buffer.at(3)!);
  }

  #frame(): Frame | undefined {
    const size = this.#frameSize();
    if (this.#buffer.length < size) return undefined;
    const frame: Frame = { kind: "frame", channel: this.#buffer.at(1)!, payload: this.#buffer.view(4, size) };
    this.#buffer.drop(size);
    return frame;
  }

  #message(): Request | Response | undefined {
    if (!this.#head.read(this.#buffer)) return undefined;
    const size = this.#head.size + this.#head.bodySize;
    if (this.#buffer.length < size) return undefined;
    const message = this.#head.message(this.#buffer.view(0, size));
    this.#buffer.drop(size);
    this.#head = new Head();
    return message;
  }
}
