import type { Media } from "../types.ts";
import { unquoted } from "./challenge.ts";
import { formatLine, type Section } from "./sdp_section.ts";
import { defaultClockRate, staticPayload } from "./static_payloads.ts";

const maxParameters = 64;

/** The first format of a medium that has a name, else the first. The encoding is "" when nothing tells what it is. */
export function formatOf(m: Section): Omit<Media, "control"> {
  const formats = (m.formats.length > 0 ? m.formats : [96]).map((type) => format(m, type));
  return formats.find((f) => f.encoding !== "") ?? formats[0]!;
}

function format(m: Section, payloadType: number): Omit<Media, "control"> {
  const lines = m.attributes.map(formatLine).filter((line) => line?.payloadType === payloadType);
  const texts = (name: string) => lines.filter((line) => line!.name === name).map((line) => line!.text);
  const parameters = parseFmtp(texts("fmtp"));
  for (const [name, value] of m.attributes) {
    // The size of JPEG pictures, which their packets can not tell when it is large.
    if ((name === "x-dimensions" || name === "framesize") && !parameters.has(name)) parameters.set(name, value);
  }
  const kind = m.kind === "video" || m.kind === "audio" ? m.kind : "application";
  const [encoding, clockRate, channels] = mapped(kind, payloadType, texts("rtpmap")[0]) ?? [guessed(parameters), undefined, 1];
  return { kind, payloadType, encoding, clockRate: clockRate ?? defaultClockRate(kind, encoding), channels: kind === "audio" ? channels : 1, parameters };
}

/** "H264/90000", "L16/44100/2"; a blank may stand in the place of a slash, and the end may be missing. */
function mapped(kind: string, payloadType: number, rtpmap: string | undefined): [string, number | undefined, number] | undefined {
  const fixed = staticPayload(payloadType);
  const [, name, rate, count] = /^([^\s/]+)(?:[\s/]+(\d+))?(?:[\s/]+(\d+))?/.exec(rtpmap ?? "") ?? [];
  if (name === undefined) return fixed;
  const encoding = name.toUpperCase();
  const given = Number(rate ?? 0);
  const clockRate = given > 0 && given < 2 ** 31 ? given : fixed?.[0] === encoding ? fixed[1] : defaultClockRate(kind, encoding);
  const channels = Number(count ?? 1);
  return [encoding, clockRate, channels > 0 && channels < 256 ? channels : 1];
}

/** The encoding that alone has such parameters. */
function guessed(parameters: Map<string, string>): string {
  if (parameters.has("sprop-vps") || parameters.has("sprop-sps")) return "H265";
  if (parameters.has("sprop-parameter-sets") || parameters.has("packetization-mode")) return "H264";
  return "";
}

/** Parameters between semicolons or, as some encoders write them, between blanks. The first of a name counts. */
function parseFmtp(texts: string[]): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of texts.join(";").split(";")) {
    const words = part.trim().split(/\s+/);
    const several = words.length > 1 && words.every((word) => /^[^=]+=./.test(word));
    for (const text of several ? words : [part.trim()]) {
      const equals = (text + "=").indexOf("=");
      const name = text.slice(0, equals).trim().toLowerCase();
      if (name === "" || parameters.size === maxParameters || parameters.has(name)) continue;
      parameters.set(name, unquoted(text.slice(equals + 1).trim()));
    }
  }
  return parameters;
}
