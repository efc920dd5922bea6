import type { Depacketizer, Media } from "../types.ts";
import { AacDepacketizer } from "./aac.ts";
import { Av1Depacketizer } from "./av1.ts";
import { g711 } from "./g711.ts";
import { H264Depacketizer } from "./h264.ts";
import { H265Depacketizer } from "./h265.ts";
import { JpegDepacketizer } from "./jpeg.ts";
import { linear } from "./l16.ts";
import { LatmDepacketizer } from "./latm.ts";
import { OpusDepacketizer } from "./opus.ts";
import { Vp8Depacketizer } from "./vp8.ts";
import { Vp9Depacketizer } from "./vp9.ts";

/** What takes the packets of a medium apart; undefined if its format, or a form that its parameters ask for, is not known. */
export function depacketizerOf(media: Media): Depacketizer | undefined {
  switch (media.encoding) {
    case "H264":
      return new H264Depacketizer(media);
    case "H265":
      return new H265Depacketizer(media);
    case "AV1":
      return new Av1Depacketizer(media);
    case "VP8":
      return new Vp8Depacketizer(media);
    case "VP9":
      return new Vp9Depacketizer(media);
    case "JPEG":
      return new JpegDepacketizer(media);
    case "MPEG4-GENERIC":
      return AacDepacketizer.of(media);
    case "MP4A-LATM":
      return LatmDepacketizer.of(media);
    case "OPUS":
      return new OpusDepacketizer(media);
    case "PCMU":
      return g711(media, "mu");
    case "PCMA":
      return g711(media, "a");
    case "L8":
      return linear(media, 8);
    case "L16":
      return linear(media, 16);
    case "L24":
      return linear(media, 24);
    default:
      return undefined;
  }
}
