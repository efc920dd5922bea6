import type { AudioConfig, CodecConfig, VideoConfig } from "../types.ts";
import type { BoxWriter } from "./box.ts";

/**
 * Writes what stsd says of a codec: the sample entry, and in it the box that configures the decoder.
 * @throws RangeError when MP4 in a browser cannot carry the format, or the configuration lacks what its box needs
 */
export function sampleEntry(w: BoxWriter, config: CodecConfig): void {
  switch (config.format) {
    case "h264":
      return visual(w, config, ["avc1", "avc3"], () => w.box("avcC", () => w.bytes(description(config))));
    case "h265":
      return visual(w, config, ["hvc1", "hev1"], () => w.box("hvcC", () => w.bytes(description(config))));
    case "av1":
      return visual(w, config, ["av01"], () => w.box("av1C", () => w.bytes(description(config))));
    case "vp9":
      return visual(w, config, ["vp09"], () => w.full("vpcC", 1, 0, () => vp9Configuration(w, config.codec)));
    case "aac":
      return sound(w, config, "mp4a", () => w.full("esds", 0, 0, () => elementaryStream(w, description(config))));
    case "opus":
      return sound(w, config, "Opus", () => w.box("dOps", () => opusConfiguration(w, config)));
    default:
      throw new RangeError(`mp4: no ${config.format} in a browser`);
  }
}

/** The entry's type is how the codec string begins: avc1 has parameter sets only in the description, avc3 also in band. */
function visual(w: BoxWriter, config: VideoConfig, types: string[], configuration: () => void): void {
  const type = config.codec.slice(0, 4);
  if (!types.includes(type)) throw new RangeError(`mp4: codec ${config.codec} of ${config.format}`);
  w.box(type, () => {
    w.zeros(6);
    w.u16(1); // data reference
    w.zeros(16);
    w.u16(config.width);
    w.u16(config.height);
    w.u32(0x00480000); // 72 dots an inch, as everybody writes
    w.u32(0x00480000);
    w.u32(0);
    w.u16(1); // one picture a sample
    w.zeros(32); // the compressor's name
    w.u16(24); // colour, no alpha
    w.u16(0xffff);
    configuration();
  });
}

function sound(w: BoxWriter, config: AudioConfig, type: string, configuration: () => void): void {
  w.box(type, () => {
    w.zeros(6);
    w.u16(1);
    w.zeros(8);
    w.u16(config.channels);
    w.u16(16); // bits a sample, whatever the codec does
    w.u32(0);
    w.u32(config.sampleRate < 65536 ? config.sampleRate * 65536 : 0); // 16.16; the decoder's own words count
    configuration();
  });
}

function description(config: CodecConfig): Uint8Array {
  if (!config.description?.length) throw new RangeError(`mp4: ${config.format} without a description`);
  return config.description;
}

/** VP Codec ISO Media File Format Binding, section 2.2. What the codec string leaves out is 4:2:0 in the colours of BT.709. */
function vp9Configuration(w: BoxWriter, codec: string): void {
  const [profile = 0, level = 10, depth = 8, chroma = 1, primaries = 1, transfer = 1, coefficients = 1, range = 0] =
    codec.split(".").slice(1).map((part) => parseInt(part, 10) || 0);
  w.u8(profile, level, (depth << 4) | (chroma << 1) | range, primaries, transfer, coefficients);
  w.u16(0); // nothing to initialize the decoder with
}

/** Encapsulation of Opus in ISO Base Media File Format, section 4.3.2. RTP has no samples to skip. */
function opusConfiguration(w: BoxWriter, config: AudioConfig): void {
  if (config.channels < 1 || config.channels > 2) throw new RangeError(`mp4: opus with ${config.channels} channels`);
  w.u8(0, config.channels);
  w.u16(0); // pre-skip
  w.u32(config.sampleRate);
  w.u16(0); // gain
  w.u8(0); // mapping family: mono or stereo
}

/** ISO/IEC 14496-1 section 7.2.6: descriptors of descriptors. */
function elementaryStream(w: BoxWriter, specific: Uint8Array): void {
  const decoder = 13 + 2 + specific.length;
  if (decoder + 8 > 127) throw new RangeError("mp4: an AudioSpecificConfig that is too long"); // sizes are one byte here
  w.u8(0x03, 3 + 2 + decoder + 3); // ES_Descriptor
  w.u16(1);
  w.u8(0);
  w.u8(0x04, decoder); // DecoderConfigDescriptor
  w.u8(0x40, 0x15); // MPEG-4 audio, an audio stream
  w.zeros(3 + 4 + 4); // buffer, greatest and average bit rate: unknown
  w.u8(0x05, specific.length); // DecoderSpecificInfo
  w.bytes(specific);
  w.u8(0x06, 1, 2); // SLConfigDescriptor: as MP4 wants it
}
