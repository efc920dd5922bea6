import { ByteWriter } from "./bytes.ts";
import { addressBytes, mapped } from "./pcapng/address.ts";
import { type Host, largestTcp, largestUdp, tcpPacket, udpPacket } from "./pcapng/ip.ts";

/** One end of a conversation. The address is one of IPv4 or IPv6 in words; a browser knows names only, and has to choose one. */
export interface Endpoint {
  address: string;
  port: number;
  protocol: "tcp" | "udp";
}

const [syn, push, ack] = [0x02, 0x08, 0x10];
const nothing = new Uint8Array(0);

/**
 * Makes a recording that Wireshark reads (draft-ietf-opsawg-pcapng) of what a page has sent and received. The page sees payloads
 * only, so the headers around them are made up: each TCP conversation begins with a handshake, by whoever speaks first, and its
 * bytes are numbered without loss.
 */
export class Pcapng {
  readonly #parts: Uint8Array[] = [fileHeader()];
  readonly #limit: number;
  #size: number;
  #omitted = 0;
  /** The next sequence number of each direction of TCP. */
  readonly #next = new Map<string, number>();

  /** Limit is how many bytes the file may have. */
  constructor(limit = 64 << 20) {
    this.#limit = limit;
    this.#size = this.#parts[0]!.length;
  }

  /** Bytes of the file so far. */
  get size(): number {
    return this.#size;
  }

  /** How many payloads came when the file was full, and are not in it. */
  get omitted(): number {
    return this.#omitted;
  }

  /** The file in parts, for a Blob of type application/x-pcapng. */
  get parts(): readonly Uint8Array[] {
    return this.#parts;
  }

  /**
   * Adds a payload that went from one end to the other. Time is in seconds since 1970, and kept to the microsecond. Once one does
   * not fit below the limit, it and all after it are omitted: a conversation with holes would be misread.
   * @throws RangeError for an address that is none, ends of different protocols, and a datagram of more than 65507 bytes
   */
  add(time: number, from: Endpoint, to: Endpoint, payload: Uint8Array): void {
    if (from.protocol !== to.protocol) throw new RangeError(`pcapng: from ${from.protocol} to ${to.protocol}`);
    const udp = from.protocol === "udp";
    if (udp && payload.length > largestUdp) throw new RangeError(`pcapng: a datagram of ${payload.length} bytes`);
    const [sender, receiver] = hosts(from, to);
    if (this.#omitted > 0 || this.#size + room(payload) > this.#limit) {
      this.#omitted++;
      return;
    }
    if (udp) this.#packet(time, udpPacket(sender, receiver, payload));
    else this.#stream(time, sender, receiver, payload);
  }

  #stream(time: number, from: Host, to: Host, payload: Uint8Array): void {
    if (!this.#next.has(direction(from, to))) {
      this.#segment(time, from, to, syn, nothing);
      this.#segment(time, to, from, syn | ack, nothing);
      this.#segment(time, from, to, ack, nothing);
    }
    for (let at = 0; at < payload.length; at += largestTcp) {
      this.#segment(time, from, to, push | ack, payload.subarray(at, at + largestTcp));
    }
  }

  #segment(time: number, from: Host, to: Host, flags: number, payload: Uint8Array): void {
    const sequence = this.#next.get(direction(from, to)) ?? 0;
    const acknowledgment = this.#next.get(direction(to, from)) ?? 0;
    const length = payload.length + (flags & syn ? 1 : 0); // a SYN counts as a byte
    this.#next.set(direction(from, to), (sequence + length) >>> 0);
    this.#packet(time, tcpPacket(from, to, { sequence, acknowledgment, flags }, payload));
  }

  #packet(time: number, packet: Uint8Array): void {
    const block = packetBlock(Math.round(time * 1e6), packet);
    this.#parts.push(block);
    this.#size += block.length;
  }
}

/** Both ends in the same version of IP. */
function hosts(from: Endpoint, to: Endpoint): [Host, Host] {
  let [a, b] = [addressBytes(from.address), addressBytes(to.address)];
  if (a.length !== b.length) [a, b] = [mapped(a), mapped(b)];
  return [{ address: a, port: from.port }, { address: b, port: to.port }];
}

function direction(from: Host, to: Host): string {
  return `${from.address}:${from.port}>${to.address}:${to.port}`;
}

/** At most so many bytes a payload adds: a handshake, and headers of 92 bytes and padding for each segment. */
function room(payload: Uint8Array): number {
  return payload.length + 96 * (4 + Math.floor(payload.length / largestTcp));
}

/** A section header block, and the description of the only interface: IP packets without a link (LINKTYPE_RAW). */
function fileHeader(): Uint8Array {
  const w = new ByteWriter(48);
  w.u32(0x0a0d0d0a);
  w.u32(28);
  w.u32(0x1a2b3c4d); // the byte order is that of the network
  w.u32(0x00010000); // version 1.0
  w.u32(0xffffffff); // the section's length is not known
  w.u32(0xffffffff);
  w.u32(28);
  w.u32(1); // interface description block
  w.u32(20);
  w.u16(101); // LINKTYPE_RAW
  w.u16(0);
  w.u32(0); // no packet is cut
  w.u32(20);
  return w.finish();
}

/** An enhanced packet block; the time is in microseconds. */
function packetBlock(time: number, packet: Uint8Array): Uint8Array {
  const padding = -packet.length & 3;
  const length = 32 + packet.length + padding;
  const w = new ByteWriter(length);
  w.u32(6);
  w.u32(length);
  w.u32(0); // the first interface
  w.u64(time);
  w.u32(packet.length);
  w.u32(packet.length);
  w.bytes(packet);
  w.zeros(padding);
  w.u32(length);
  return w.finish();
}
