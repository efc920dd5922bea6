import type { Unit, VideoConfig } from "../types.ts";
import type { PictureDecoder } from "./pictures.ts";

export interface JpegDecodingOptions {
  /** Takes over a picture. */
  picture(line: number, image: ImageBitmap): void;
}

const most = 16; // images that wait; no image needs another, so older ones give way

/** Decodes JPEG images by createImageBitmap, one at a time, which every page has. */
export class JpegDecoding implements PictureDecoder {
  readonly #options: JpegDecodingOptions;
  #waiting: { unit: Unit; line: number }[] = [];
  #busy = false;
  /** Which beginning images belong to: what is decoded after another one is of no use. */
  #era = 0;
  decoded = 0;
  dropped = 0;

  constructor(options: JpegDecodingOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length === 0 ? 0 : this.#waiting.at(-1)!.line - this.#waiting[0]!.line;
  }

  decode(unit: Unit, line: number, _config: VideoConfig): void {
    this.#waiting.push({ unit, line });
    if (this.#waiting.length > most) {
      this.#waiting.shift();
      this.dropped++;
    }
    this.pull();
  }

  pull(): void {
    if (!this.#busy) void this.#run();
  }

  begin(): void {
    this.#waiting = [];
    this.#era++;
  }

  close(): void {
    this.begin();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      const era = this.#era;
      const image = await createImageBitmap(new Blob([next.unit.data as Uint8Array<ArrayBuffer>], { type: "image/jpeg" })).catch(() => undefined);
      if (image === undefined) this.dropped++;
      else if (era !== this.#era) image.close();
      else {
        this.decoded++;
        this.#options.picture(next.line, image);
      }
    }
    this.#busy = false;
  }
}
