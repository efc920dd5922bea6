import type { Depacketizer, Media, RtpPacket, Unit, VideoConfig } from "../types.ts";
import { Assembly, sameBytes } from "./assembly.ts";
import { av1C, type Av1Sequence, av1Codec, parseAv1Sequence } from "./av1_sequence.ts";
import { BitReader } from "../bits.ts";
import { leb128, readLeb128 } from "./leb128.ts";
import { Pictures } from "./pictures.ts";

const SEQUENCE = 1;
const TEMPORAL_DELIMITER = 2;
const FRAME_HEADER = 3;
const FRAME = 6;
const TILE_LIST = 8;
const PADDING = 15;

/** AV1 (RTP Payload Format For AV1, version 1.0): temporal units. */
export class Av1Depacketizer implements Depacketizer {
  readonly #pictures = new Pictures();
  /** The OBU that goes on in the next packet; undefined if there is none. */
  readonly #obu = new Assembly();
  #open = false;
  #frames = 0;
  #sequence: Av1Sequence | undefined;
  #config: VideoConfig | undefined;

  constructor(_media: Media) {}

  get config(): VideoConfig | undefined {
    return this.#config;
  }

  push(packet: RtpPacket, lost: boolean): Unit[] {
    const units: Unit[] = [];
    if (lost) {
      this.#pictures.lose(packet.timestamp);
      this.#open = false;
    }
    if (this.#pictures.endsBefore(packet.timestamp)) units.push(...this.#end());
    this.#pictures.begin(packet.timestamp);
    this.#read(packet.payload);
    if (packet.marker) units.push(...this.#end());
    return units;
  }

  /**
   * The aggregation header:
   *
   *     |Z|Y|W W|N|- - -|   Z: begins with the rest of an OBU, Y: the last goes on, W: OBUs or 0, N: a sequence begins
   */
  #read(payload: Uint8Array): void {
    const header = payload[0] ?? 0;
    const continues = (header & 0x80) !== 0;
    const count = (header >> 4) & 3;
    if (payload.length < 2 || continues !== this.#open) this.#damage();
    if (header & 0x08) this.#pictures.started();
    let rest = payload.subarray(1);
    for (let i = 1; rest.length > 0; i++) {
      const sized = count === 0 || i < count;
      const size = sized ? readLeb128(rest) : { value: rest.length, length: 0 };
      if (size === undefined || size.length + size.value > rest.length) return this.#damage();
      const element = rest.subarray(size.length, size.length + size.value);
      rest = rest.subarray(size.length + size.value);
      this.#element(element, continues && i === 1, (header & 0x40) !== 0 && rest.length === 0);
      if (i === count && rest.length > 0) return this.#damage();
      if (rest.length === 0 && i < count) this.#damage();
    }
  }

  #element(part: Uint8Array, continued: boolean, goesOn: boolean): void {
    if (continued && !this.#open) return; // its first part is lost
    if (!continued) this.#obu.clear();
    this.#obu.append(part);
    this.#open = goesOn;
    if (goesOn) return;
    if (this.#obu.overflowed) return this.#damage();
    this.#take(this.#obu.view());
  }

  /** Takes a whole OBU (AV1 section 5.3), with or without a size. */
  #take(obu: Uint8Array): void {
    const header = obu[0] ?? 0x80;
    const head = header & 4 ? 2 : 1;
    if (header >= 0x80 || obu.length < head) return this.#damage();
    let body = obu.subarray(head);
    if (header & 2) {
      const size = readLeb128(body);
      if (size === undefined || size.length + size.value > body.length) return this.#damage();
      body = body.subarray(size.length, size.length + size.value);
    }
    const type = header >> 3;
    if (type === TEMPORAL_DELIMITER) return this.#pictures.started();
    if (type === TILE_LIST || type === PADDING) return;
    this.#look(type, body);
    this.#pictures.data.append([header | 2, ...obu.subarray(1, head), ...leb128(body.length)]);
    this.#pictures.data.append(body);
  }

  #look(type: number, body: Uint8Array): void {
    if (type === SEQUENCE) {
      const sequence = parseAv1Sequence(body);
      if (sequence === undefined) return this.#damage();
      this.#sequence = sequence;
      if (this.#pictures.data.length === 0) this.#pictures.started(); // it is the first OBU of a key picture
    }
    if (type !== FRAME && type !== FRAME_HEADER) return;
    if (this.#frames++ === 0) this.#pictures.key = isKey(body, this.#sequence);
  }

  #damage(): void {
    this.#open = false;
    this.#pictures.damage();
  }

  #end(): Unit[] {
    if (this.#open) this.#damage();
    const config = this.#configuration();
    const frames = this.#frames;
    this.#frames = 0;
    if (frames === 0) {
      this.#pictures.forget();
      return [];
    }
    const unit = this.#pictures.end(config !== undefined);
    if (unit === undefined) return [];
    if (unit.key) this.#config = config;
    return [unit];
  }

  /** The configuration of the sequence; the same object as long as it is the same. */
  #configuration(): VideoConfig | undefined {
    const s = this.#sequence;
    if (s === undefined) return undefined;
    const description = av1C(s);
    const known = this.#config?.description;
    if (known !== undefined && sameBytes(known, description)) return this.#config;
    return { kind: "video", format: "av1", codec: av1Codec(s), width: s.width, height: s.height, description };
  }
}

/** A frame header tells of a key frame that is shown. */
function isKey(body: Uint8Array, sequence: Av1Sequence | undefined): boolean {
  if (sequence === undefined || body.length === 0) return false;
  if (sequence.still) return true;
  const r = new BitReader(body);
  const existing = r.flag();
  const type = r.bits(2);
  return !existing && type === 0 && r.flag();
}
