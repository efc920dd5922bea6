import type { Unit, VideoConfig } from "../types.ts";

/** What makes pictures of units: a decoder of the browser, or of JPEG images. */
export interface PictureDecoder {
  /** Takes the next unit, of a moment of the line in seconds. */
  decode(unit: Unit, line: number, config: VideoConfig): void;
  /** All that was taken is forgotten. The next unit is key. */
  begin(): void;
  /** Room for what waits may have come about. */
  pull(): void;
  close(): void;
  /** Seconds that wait to be decoded. */
  readonly waiting: number;
  readonly decoded: number;
  /** Units that never became pictures. */
  readonly dropped: number;
}
