import { joined } from "../../depacketize/assembly.ts";
import { leb128, readLeb128 } from "../../depacketize/leb128.ts";
import { maxPayload, type Packetizer } from "./packetizer.ts";

const TEMPORAL_DELIMITER = 2;
const TILE_LIST = 8;
const PADDING = 15;

/** Of the aggregation header: the first element goes on from the packet before, the last goes on in the next, a sequence begins. */
const Z = 0x80;
const Y = 0x40;
const N = 0x08;

/** AV1 (RTP Payload Format For AV1, version 1.0): temporal units. Each element has its size in front (W is 0). */
export function av1Packetizer(most = maxPayload): Packetizer {
  return (unit, key) => {
    const packets = new Packets(most);
    for (const obu of obusOf(unit)) packets.add(obu);
    return packets.payloads(key);
  };
}

/** OBU elements, laid out in packets. */
class Packets {
  readonly #most: number;
  readonly #packets: { header: number; elements: Uint8Array[] }[] = [];
  /** Bytes that are left in the last packet. */
  #room = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(obu: Uint8Array): void {
    for (let rest = obu, first = true; rest.length > 0; first = false) {
      if (this.#room < 4) this.#next(first ? 0 : Z); // less holds too little of an OBU to be worth it
      const size = Math.min(rest.length, this.#room - leb128(Math.min(rest.length, this.#room)).length);
      const element = joined(leb128(size), rest.subarray(0, size));
      this.#packets.at(-1)!.elements.push(element);
      this.#room -= element.length;
      rest = rest.subarray(size);
      if (rest.length > 0) this.#goesOn();
    }
  }

  payloads(key: boolean): Uint8Array[] {
    return this.#packets.map(({ header, elements }, i) => joined([header | (key && i === 0 ? N : 0)], ...elements));
  }

  #next(header: number): void {
    this.#packets.push({ header, elements: [] });
    this.#room = this.#most - 1;
  }

  #goesOn(): void {
    this.#packets.at(-1)!.header |= Y;
    this.#room = 0;
  }
}

/** The OBUs of a temporal unit (AV1 section 5.3) that go over RTP, without sizes. What makes no sense ends the unit. */
function obusOf(unit: Uint8Array): Uint8Array[] {
  const obus: Uint8Array[] = [];
  for (let rest = unit; rest.length > 0; ) {
    const header = rest[0]!;
    const head = header & 4 ? 2 : 1;
    const sized = (header & 2) !== 0;
    const size = sized ? readLeb128(rest.subarray(head)) : { value: rest.length - head, length: 0 };
    if (size === undefined || head + size.length + size.value > rest.length) break;
    const end = head + size.length + size.value;
    const type = (header >> 3) & 15;
    if (type !== TEMPORAL_DELIMITER && type !== TILE_LIST && type !== PADDING) {
      obus.push(joined([header & ~2], rest.subarray(1, head), rest.subarray(head + size.length, end)));
    }
    rest = rest.subarray(end);
  }
  return obus;
}
