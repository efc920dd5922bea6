import type { Depacketizer, Media, RtpPacket, Unit, VideoConfig } from "../types.ts";
import { jpegHeader } from "./jpeg_header.ts";
import { scaledTables } from "./jpeg_tables.ts";
import { Pictures } from "./pictures.ts";

/** What the headers in front of the first fragment say. */
interface Image {
  type: number;
  width: number;
  height: number;
  /** MCUs between restart markers, 0 without. */
  restart: number;
  /** Quantization tables, as in DQT. */
  tables: Uint8Array[];
}

/** JPEG (RFC 2435): each picture is a whole JPEG image. */
export class JpegDepacketizer implements Depacketizer {
  readonly #pictures = new Pictures();
  /** The size of pictures too large for the payload header. */
  readonly #size: { width: number; height: number };
  /** Tables of Q 128 to 254, which need not come with each picture. */
  readonly #tables = new Map<number, Uint8Array[]>();
  #image: Image | undefined;
  /** Where the scan begins, in what is put together. */
  #scan = 0;
  #config: VideoConfig | undefined;

  constructor(media: Media) {
    this.#size = sizeOf(media);
  }

  get config(): VideoConfig | undefined {
    return this.#config;
  }

  push(packet: RtpPacket, lost: boolean): Unit[] {
    const units: Unit[] = [];
    if (lost) this.#pictures.lose(packet.timestamp);
    if (this.#pictures.endsBefore(packet.timestamp)) units.push(...this.#end());
    this.#pictures.begin(packet.timestamp);
    if (!this.#read(packet.payload)) this.#pictures.damage();
    if (packet.marker) units.push(...this.#end());
    return units;
  }

  /**
   * Takes the payload apart, and reports whether it makes sense (RFC 2435 section 3.1):
   *
   *     | type-specific | fragment offset (24) | type | Q | width / 8 | height / 8 |
   */
  #read(payload: Uint8Array): boolean {
    if (payload.length < 9) return false;
    const offset = (payload[1]! << 16) | (payload[2]! << 8) | payload[3]!;
    const type = payload[4]!;
    let at = 8;
    let restart = 0;
    if ((type & 0xbe) !== 0) return false; // others than 0, 1, 64 and 65 need a description of their own
    if (type >= 64) {
      restart = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
      at += 4;
    }
    if (offset === 0) {
      const tables = this.#readTables(payload[5]!, payload.subarray(at));
      if (tables === undefined) return false;
      at += tables.length;
      const width = 8 * payload[6]! || this.#size.width;
      const height = 8 * payload[7]! || this.#size.height;
      if (!this.#start({ type, width, height, restart, tables: tables.tables })) return false;
    }
    if (this.#image === undefined || offset !== this.#pictures.data.length - this.#scan) return false;
    this.#pictures.data.append(payload.subarray(at));
    return at < payload.length;
  }

  /** The tables of Q, and the bytes of their header (RFC 2435 section 3.1.8); undefined if they are not known. */
  #readTables(q: number, rest: Uint8Array): { tables: Uint8Array[]; length: number } | undefined {
    if (q < 128) return q === 0 || q > 99 ? undefined : { tables: scaledTables(q), length: 0 };
    if (rest.length < 4) return undefined;
    const size = (rest[2]! << 8) | rest[3]!;
    if (rest.length < 4 + size) return undefined;
    const known = size === 0 && q !== 255 ? this.#tables.get(q) : cutTables(rest[1]!, rest.slice(4, 4 + size));
    if (known === undefined) return undefined;
    if (q !== 255) this.#tables.set(q, known);
    return { tables: known, length: 4 + size };
  }

  #start(image: Image): boolean {
    if (this.#image !== undefined || image.width === 0 || image.height === 0) return false;
    this.#image = image;
    this.#pictures.started();
    this.#pictures.key = true;
    this.#pictures.data.append(jpegHeader(image));
    this.#scan = this.#pictures.data.length;
    return true;
  }

  #end(): Unit[] {
    const image = this.#image;
    this.#image = undefined;
    if (image === undefined) this.#pictures.damage();
    // Some senders leave the end of image in, as RFC 2435 allows.
    const tail = this.#pictures.data.view().subarray(-2);
    if (tail[0] !== 0xff || tail[1] !== 0xd9) this.#pictures.data.append([0xff, 0xd9]);
    const unit = this.#pictures.end(true);
    if (unit === undefined || image === undefined) return [];
    this.#configure(image);
    return [unit];
  }

  #configure({ width, height }: Image): void {
    if (this.#config?.width === width && this.#config.height === height) return;
    this.#config = { kind: "video", format: "jpeg", codec: "jpeg", width, height };
  }
}

/** One or two tables of 64 numbers of 8 or 16 bits: bits of `wide` say which. */
function cutTables(wide: number, bytes: Uint8Array): Uint8Array[] | undefined {
  const tables: Uint8Array[] = [];
  for (let at = 0; at < bytes.length && tables.length < 2; ) {
    const end = at + ((wide >> tables.length) & 1 ? 128 : 64);
    if (end > bytes.length) return undefined;
    tables.push(bytes.subarray(at, end));
    at = end;
  }
  return tables.length === 0 ? undefined : tables;
}

/** The size that the SDP tells: a=x-dimensions:W,H or a=framesize:26 W-H, which the parameters have by these names. */
function sizeOf(media: Media): { width: number; height: number } {
  const text = media.parameters.get("x-dimensions") ?? media.parameters.get("framesize") ?? "";
  const [, width, height] = /(\d{1,5})\s*[,-]\s*(\d{1,5})\s*$/.exec(text) ?? ["", "0", "0"];
  const sound = Number(width) < 65536 && Number(height) < 65536;
  return sound ? { width: Number(width), height: Number(height) } : { width: 0, height: 0 };
}
