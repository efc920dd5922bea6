import { ByteWriter } from "../bytes.ts";

/** Who a packet is from or for. */
export interface Host {
  /** 4 or 16 bytes, as many on both sides. */
  address: Uint8Array;
  port: number;
}

/** The fields of a TCP header that change (RFC 9293 section 3.1). */
export interface TcpState {
  sequence: number;
  acknowledgment: number;
  flags: number;
}

/** The largest payloads that fit below the 16 bits of a length, with the headers this file writes. */
export const largestUdp = 65535 - 20 - 8;
export const largestTcp = 65535 - 20 - 20;

/** Makes an IP packet with a UDP datagram (RFC 768). */
export function udpPacket(from: Host, to: Host, payload: Uint8Array): Uint8Array {
  const w = new ByteWriter(40 + 8 + payload.length);
  const at = ipHeader(w, from, to, 17, 8 + payload.length);
  w.u16(from.port);
  w.u16(to.port);
  w.u16(8 + payload.length);
  w.u16(0);
  w.bytes(payload);
  // No checksum is written as 0; one that is 0 as its other form.
  return summed(w.finish(), at, 17, 6, (sum) => sum || 0xffff);
}

/** Makes an IP packet with a TCP segment. */
export function tcpPacket(from: Host, to: Host, state: TcpState, payload: Uint8Array): Uint8Array {
  const w = new ByteWriter(40 + 20 + payload.length);
  const at = ipHeader(w, from, to, 6, 20 + payload.length);
  w.u16(from.port);
  w.u16(to.port);
  w.u32(state.sequence);
  w.u32(state.acknowledgment);
  w.u8(5 << 4, state.flags); // a header of five words
  w.u16(65535); // window
  w.u32(0); // checksum, urgent
  w.bytes(payload);
  return summed(w.finish(), at, 6, 16, (sum) => sum);
}

/** Writes the header of IPv4 (RFC 791) or IPv6 (RFC 8200), and returns where what it carries begins. */
function ipHeader(w: ByteWriter, from: Host, to: Host, protocol: number, length: number): number {
  if (from.address.length === 4) {
    w.u8(0x45, 0);
    w.u16(20 + length);
    w.u32(0x00004000); // never fragmented, so it needs no identification
    w.u8(64, protocol, 0, 0);
  } else {
    w.u32(0x60000000);
    w.u16(length);
    w.u8(protocol, 64);
  }
  w.bytes(from.address);
  w.bytes(to.address);
  return w.length;
}

/** Fills in the checksums: that of an IPv4 header, and of what it carries, which covers the addresses as well. */
function summed(packet: Uint8Array, at: number, protocol: number, field: number, form: (sum: number) => number): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const addresses = packet.subarray(at === 20 ? 12 : 8, at);
  const carried = packet.subarray(at);
  view.setUint16(at + field, form(checksum(add(carried, add(addresses, protocol + carried.length)))));
  if (at === 20) view.setUint16(10, checksum(add(packet.subarray(0, at), 0)));
  return packet;
}

/** Adds the 16-bit words of bytes to a sum. 65535 bytes cannot overflow it. */
function add(bytes: Uint8Array, sum: number): number {
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  return sum;
}

/** RFC 1071: carries are added again, and the bits turned over. */
function checksum(sum: number): number {
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  return ~sum & 0xffff;
}
