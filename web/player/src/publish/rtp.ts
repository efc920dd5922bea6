import { joined } from "../depacketize/assembly.ts";

const SENDER_REPORT = 200;
const DESCRIPTION = 202;
const GOODBYE = 203;
/** From 1900, where NTP begins, to 1970, in seconds. */
const ntpEpoch = 2208988800;

/** Writes the RTP and RTCP packets of one track that is sent (RFC 3550). Numbers start at random. */
export class RtpWriter {
  readonly ssrc: number;
  readonly #payloadType: number;
  readonly #clockRate: number;
  /** The last packet of a unit has the marker. */
  readonly #marks: boolean;
  readonly #timestampBase: number;
  #sequence: number;
  #packets = 0;
  #bytes = 0;

  constructor(payloadType: number, clockRate: number, marks: boolean) {
    this.#payloadType = payloadType;
    this.#clockRate = clockRate;
    this.#marks = marks;
    const random = crypto.getRandomValues(new Uint32Array(3));
    this.ssrc = random[0]!;
    this.#timestampBase = random[1]!;
    this.#sequence = random[2]! & 0xffff;
  }

  /** Packets written so far. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes of payload in them. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The packets of a unit whose timestamp is in µs. */
  unit(payloads: Uint8Array[], timestamp: number): Uint8Array[] {
    const ticks = this.#ticks(timestamp);
    return payloads.map((payload, i) => this.#packet(payload, ticks, this.#marks && i === payloads.length - 1));
  }

  /** A sender report and the name of the source; with `bye` the end, too. It says which timestamp, in µs, is which Unix time, in ms. */
  report(timestamp: number, unixTime: number, name: string, bye = false): Uint8Array {
    const goodbye = bye ? rtcp(GOODBYE, 1, words(this.ssrc)) : [];
    const body = words(this.ssrc, ...ntp(unixTime), this.#ticks(timestamp), this.#packets, this.#bytes);
    return joined(rtcp(SENDER_REPORT, 0, body), rtcp(DESCRIPTION, 1, this.#canonicalName(name)), goodbye);
  }

  #packet(payload: Uint8Array, ticks: number, marker: boolean): Uint8Array {
    const packet = new Uint8Array(12 + payload.length);
    const view = new DataView(packet.buffer);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | this.#payloadType;
    view.setUint16(2, this.#sequence);
    view.setUint32(4, ticks);
    view.setUint32(8, this.ssrc);
    packet.set(payload, 12);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#packets++;
    this.#bytes += payload.length;
    return packet;
  }

  #ticks(timestamp: number): number {
    return modulo32(this.#timestampBase + Math.round((timestamp * this.#clockRate) / 1e6));
  }

  /** CNAME (RFC 3550 section 6.5.1): the same for all tracks says that they belong together. */
  #canonicalName(name: string): Uint8Array {
    const text = new TextEncoder().encode(name).subarray(0, 255);
    const chunk = joined(words(this.ssrc), [1, text.length], text);
    return joined(chunk, new Uint8Array(4 - (chunk.length % 4))); // a zero ends the list
  }
}

function rtcp(type: number, count: number, body: Uint8Array): Uint8Array {
  return joined([0x80 | count, type, body.length >> 10, (body.length >> 2) & 0xff], body);
}

function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, modulo32(value)));
  return bytes;
}

/** Seconds and fraction (RFC 3550 section 4). */
function ntp(unixTime: number): [number, number] {
  const seconds = Math.floor(unixTime / 1000);
  return [seconds + ntpEpoch, Math.floor((unixTime / 1000 - seconds) * 2 ** 32)];
}

function modulo32(value: number): number {
  return ((value % 2 ** 32) + 2 ** 32) % 2 ** 32;
}
