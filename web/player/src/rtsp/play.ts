import { headerOf, headersOf, type HeaderList, type Response } from "./message.ts";
import { parseRange } from "./range.ts";
import { parseRtpInfo } from "./rtp_info.ts";
import type { Tracks } from "./tracks.ts";

export interface PlayOptions {
  /** "npt=10-"; the beginning if not given, or where PAUSE has stopped. */
  range?: string;
  /** Seconds of the presentation in a second. */
  scale?: number;
  /** How fast media is sent, in its own seconds a second. */
  speed?: number;
}

export interface PlayResult {
  range?: string;
  /** Seconds of normal play time; undefined if the server does not say, or if its range is one of the clock. */
  start?: number;
  scale: number;
  infos: { track: number; seq?: number; rtptime?: number }[];
}

/** The headers that ask for something. It throws a RangeError for what is no number. */
export function playHeaders(options: PlayOptions, range: string | undefined): HeaderList {
  const headers: HeaderList = [];
  if (options.range ?? range) headers.push(["Range", (options.range ?? range)!]);
  if (options.scale !== undefined) headers.push(["Scale", decimal(options.scale)]);
  if (options.speed !== undefined) headers.push(["Speed", decimal(options.speed)]);
  return headers;
}

function decimal(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) > 1e6) throw new RangeError(`${value} is no speed.`);
  return value.toFixed(3).replace(/\.?0+$/, "");
}

/** What the server makes of a PLAY. */
export function playResult(response: Response, tracks: Tracks): PlayResult {
  const range = headerOf(response.headers, "Range");
  const parsed = parseRange(range);
  const scale = Number(headerOf(response.headers, "Scale") ?? "1");
  const entries = parseRtpInfo(headersOf(response.headers, "RTP-Info"));
  const infos = entries.flatMap(({ url, seq, rtptime }) => {
    const track = tracks.named(url, entries.length)?.index;
    return track === undefined ? [] : [{ track, seq, rtptime }];
  });
  return { range, start: parsed?.clock ? undefined : parsed?.start, scale: Number.isFinite(scale) && scale !== 0 ? scale : 1, infos };
}
