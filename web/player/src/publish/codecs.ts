/** The formats of video that can be published. */
export type VideoCodec = "h264" | "vp8" | "av1";

/** How a picture is encoded. */
export interface PictureFormat {
  codec: VideoCodec;
  /** Pixels, even. */
  width: number;
  height: number;
  /** Pictures a second, about: for the level and the bitrate. */
  framerate: number;
}

/** Level number of H.264, macroblocks of a picture, macroblocks a second (ITU-T H.264 table A-1). */
const h264Levels: [number, number, number][] = [
  [30, 1620, 40500],
  [31, 3600, 108000],
  [32, 5120, 216000],
  [40, 8192, 245760],
  [42, 8704, 522240],
  [50, 22080, 589824],
  [51, 36864, 983040],
  [52, 36864, 2073600],
];

/** seq_level_idx, samples of a picture, samples a second (AV1 section A.3). */
const av1Levels: [number, number, number][] = [
  [4, 665856, 19975680],
  [5, 1065024, 31950720],
  [8, 2359296, 70778880],
  [9, 2359296, 141557760],
  [12, 8912896, 267386880],
  [13, 8912896, 534773760],
];

/** The codec as in RFC 6381. Of H.264 it is constrained baseline: every decoder has it, and nothing waits for pictures to be put in order. */
export function codecString({ codec, width, height, framerate }: PictureFormat): string {
  switch (codec) {
    case "h264": {
      const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
      return "avc1.42E0" + levelOf(h264Levels, blocks, framerate).toString(16).toUpperCase();
    }
    case "av1":
      return `av01.0.${levelOf(av1Levels, width * height, framerate).toString().padStart(2, "0")}M.08`;
    case "vp8":
      return "vp8";
  }
}

/** Bits a second that pictures of people and screens look well with. */
export function usualBitrate({ width, height, framerate }: PictureFormat): number {
  return Math.round(Math.min(Math.max(width * height * framerate * 0.08, 150_000), 20_000_000));
}

/** The lowest level that has room; the highest if none has: the encoder says whether it can. */
function levelOf(levels: [number, number, number][], size: number, framerate: number): number {
  const fits = levels.find(([, most, rate]) => size <= most && size * framerate <= rate);
  return (fits ?? levels.at(-1)!)[0];
}
