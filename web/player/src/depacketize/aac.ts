import type { AudioConfig, Depacketizer, Media, RtpPacket, Unit } from "../types.ts";
import { Assembly } from "./assembly.ts";
import { type AudioSpecificConfig, parseAudioSpecificConfig } from "./audio_specific_config.ts";
import { fromHex } from "./base64.ts";
import { BitReader } from "../bits.ts";

/** How AU headers are laid out: bits of each field, by the parameters of RFC 3640 section 4.1. */
interface Layout {
  size: number;
  index: number;
  indexDelta: number;
  ctsDelta: number;
  dtsDelta: number;
  randomAccess: boolean;
  streamState: number;
  auxiliary: number;
  /** Bytes of each access unit, where they are all alike. */
  constantSize: number;
}

/** AAC as MPEG4-GENERIC (RFC 3640): AAC-hbr, AAC-lbr and the like, without interleaving. */
export class AacDepacketizer implements Depacketizer {
  readonly config: AudioConfig;
  readonly #layout: Layout;
  /** Units of the clock rate from one access unit to the next. */
  readonly #duration: number;
  readonly #fragments = new Assembly(1 << 16);
  /** The fragments' size together, and their timestamp; undefined if there are none. */
  #fragmented: { size: number; timestamp: number } | undefined;

  private constructor(config: AudioConfig, duration: number, layout: Layout) {
    this.config = config;
    this.#duration = duration;
    this.#layout = layout;
  }

  /** Undefined if the parameters do not describe AAC. */
  static of(media: Media): AacDepacketizer | undefined {
    const description = fromHex(media.parameters.get("config") ?? "");
    const asc = description && parseAudioSpecificConfig(new BitReader(description));
    const layout = layoutOf(media);
    if (asc === undefined || layout === undefined) return undefined;
    return new AacDepacketizer(aacConfig(asc, description!), aacDuration(asc, media.clockRate), layout);
  }

  push(packet: RtpPacket, lost: boolean): Unit[] {
    if (lost) this.#fragmented = undefined;
    const sizes = this.#readHeaders(packet.payload);
    if (sizes === undefined) {
      this.#fragmented = undefined;
      return [];
    }
    const rest = packet.payload.subarray(sizes.end);
    const [size] = sizes.sizes;
    if (sizes.sizes.length === 1 && (size! > rest.length || this.#fragmented)) return this.#fragment(packet, size!, rest);
    this.#fragmented = undefined;
    return this.#cut(packet.timestamp, sizes.sizes, rest);
  }

  #cut(timestamp: number, sizes: number[], rest: Uint8Array): Unit[] {
    const units: Unit[] = [];
    for (const size of sizes) {
      if (size > rest.length) break; // the packet was cut
      if (size > 0) units.push(this.#unit(rest.slice(0, size), timestamp));
      rest = rest.subarray(size);
      timestamp = (timestamp + this.#duration) >>> 0;
    }
    return units;
  }

  /** Takes a part of an access unit: each packet of one says the size of the whole. */
  #fragment({ marker, timestamp }: RtpPacket, size: number, part: Uint8Array): Unit[] {
    const now = this.#fragmented;
    if (now === undefined || now.size !== size || now.timestamp !== timestamp) {
      this.#fragments.clear();
      this.#fragmented = { size, timestamp };
    }
    this.#fragments.append(part);
    if (!marker && this.#fragments.length < size) return [];
    this.#fragmented = undefined;
    if (this.#fragments.overflowed || this.#fragments.length !== size) return [];
    return [this.#unit(this.#fragments.copy(), timestamp)];
  }

  #unit(data: Uint8Array, timestamp: number): Unit {
    return { data, timestamp, key: true, duration: this.#duration };
  }

  /** The sizes that the AU headers tell, and where the access units begin; undefined if it makes no sense. */
  #readHeaders(payload: Uint8Array): { sizes: number[]; end: number } | undefined {
    const l = this.#layout;
    const plain = l.size + l.index + l.ctsDelta + l.dtsDelta + l.streamState === 0 && !l.randomAccess;
    const bits = plain ? 0 : ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
    let end = plain ? 0 : 2 + ((bits + 7) >> 3);
    if (payload.length < end) return undefined;
    const r = new BitReader(payload.subarray(2, end));
    const sizes: number[] = [];
    while (!plain && r.position < bits) {
      const before = r.position;
      const size = readHeader(r, l, sizes.length === 0);
      if (size === undefined || r.position > bits || r.position === before) return undefined;
      sizes.push(size);
    }
    if (l.auxiliary > 0) {
      const section = new BitReader(payload.subarray(end));
      end += (l.auxiliary + section.bits(l.auxiliary) + 7) >> 3;
    }
    if (plain) sizes.push(...this.#constantSizes(payload.length - end));
    return sizes.length > 0 && end < payload.length ? { sizes, end } : undefined;
  }

  #constantSizes(length: number): number[] {
    const size = this.#layout.constantSize || length;
    return size >= length ? [size] : Array.from({ length: Math.floor(length / size) }, () => size);
  }
}

/** A header of one access unit (RFC 3640 section 3.2.1.1): its size; undefined if it is interleaved. */
function readHeader(r: BitReader, l: Layout, first: boolean): number | undefined {
  const size = l.size > 0 ? r.bits(l.size) : l.constantSize;
  const index = r.bits(first ? l.index : l.indexDelta);
  if (index !== 0) return undefined;
  if (l.ctsDelta > 0 && r.flag()) r.skip(l.ctsDelta);
  if (l.dtsDelta > 0 && r.flag()) r.skip(l.dtsDelta);
  if (l.randomAccess) r.bit();
  r.skip(l.streamState);
  return size;
}

function layoutOf(media: Media): Layout | undefined {
  const number = (name: string) => Number(media.parameters.get(name) ?? 0);
  const layout: Layout = {
    size: number("sizelength"),
    index: number("indexlength"),
    indexDelta: number("indexdeltalength"),
    ctsDelta: number("ctsdeltalength"),
    dtsDelta: number("dtsdeltalength"),
    randomAccess: number("randomaccessindication") === 1,
    streamState: number("streamstateindication"),
    auxiliary: number("auxiliarydatasizelength"),
    constantSize: number("constantsize"),
  };
  const { constantSize, randomAccess, ...lengths } = layout;
  const sound = Object.values(lengths).every((n) => Number.isInteger(n) && n >= 0 && n <= 32);
  return sound && Number.isInteger(constantSize) && constantSize >= 0 ? layout : undefined;
}

/** The configuration of an AudioSpecificConfig. */
export function aacConfig(asc: AudioSpecificConfig, description: Uint8Array): AudioConfig {
  const { type, sampleRate, channels } = asc;
  return { kind: "audio", format: "aac", codec: `mp4a.40.${type}`, sampleRate, channels, description };
}

/** How long a frame takes, in units of the clock rate. */
export function aacDuration(asc: AudioSpecificConfig, clockRate: number): number {
  return Math.round((asc.samples * clockRate) / asc.coreRate);
}
