import type { Media } from "../types.ts";
import { unquoted } from "./challenge.ts";
import { parseRange } from "./range.ts";
import { formatOf } from "./sdp_format.ts";
import { bindFormats, type Section } from "./sdp_section.ts";
import { joinControl, resolveControl } from "./url.ts";

/** What a presentation is, by its SDP (RFC 8866, RFC 2326 appendix C). */
export interface Description {
  sdp: string;
  /** The URL that relative ones begin with. */
  base: string;
  /** One for each medium of the SDP, in its order: the index is that of the track. */
  media: Media[];
  /** Seconds; undefined when the presentation is live. */
  duration?: number;
  /** "" when the SDP has no name that says anything. */
  name: string;
  live: boolean;
}

/** What requests need of a description besides. */
export interface Controls {
  /** The URL of the presentation: PLAY, PAUSE and TEARDOWN act on it. */
  aggregate: string;
  /** By track: RTP/AVP, or what else the medium asks for. */
  profiles: string[];
  /** By track: the URL by the other rule of resolving (RFC 1808), where servers do not know the first. */
  others: string[];
}

const maxSize = 64 << 10; // characters
const maxMedia = 64;
const maxAttributes = 256; // of one section

/**
 * Reads an SDP as cameras write it: lines that make no sense are left out, formats are bound to the media they were meant for.
 * It throws an Error if there is no medium, or more of anything than a presentation has.
 */
export function parseSdp(sdp: string, base: string): Description & Controls {
  const [session, ...media] = sections(sdp);
  if (media.length === 0) throw new Error("The description of the presentation has no media.");
  bindFormats(session!, media);
  const aggregate = resolveControl(base, controlOf(session!));
  const range = parseRange(attribute(session!, "range") ?? media.map((m) => attribute(m, "range")).find((r) => r !== undefined));
  const duration = range?.end === undefined ? undefined : range.end - (range.start ?? 0);
  const lasts = duration !== undefined && duration > 0;
  const controls = media.map(controlOf);
  return {
    sdp,
    base,
    media: media.map((m, i) => ({ ...formatOf(m), control: resolveControl(base, controls[i]!) })),
    ...(lasts ? { duration } : {}),
    name: session!.name === "-" ? "" : session!.name,
    live: !lasts,
    aggregate,
    profiles: media.map((m) => m.profile),
    others: controls.map((control) => joinControl(base, control)),
  };
}

/** The session, then one section for each medium. */
function sections(sdp: string): Section[] {
  if (sdp.length > maxSize) throw new Error("The description of the presentation is too long.");
  const list: Section[] = [{ kind: "", profile: "", formats: [], attributes: [], name: "" }];
  for (const line of sdp.replace(/^\ufeff/, "").split(/[\r\n\0]+/)) {
    const [, key, value] = /^\s*([a-z]) ?=(.*)$/i.exec(line) ?? [];
    const section = list.at(-1)!;
    if (key === undefined || value === undefined) continue;
    if (key === "m" && list.push(mediaSection(value.trim())) > maxMedia + 1) throw new Error("The description of the presentation has too many media.");
    if (key === "s" && list.length === 1) section.name ||= value.trim();
    if (key !== "a") continue;
    if (section.attributes.push(attributeOf(value)) > maxAttributes) throw new Error("The description of the presentation is too long.");
  }
  return list;
}

/** "video 0 RTP/AVP 96 97". Seen: no port, no formats, commas between them. */
function mediaSection(text: string): Section {
  const [kind = "", ...words] = text.split(/[\s,]+/);
  if (/^-?\d/.test(words[0] ?? "")) words.shift(); // the port
  const profile = /RTP\/(S?AVPF?)/i.exec(words[0] ?? "")?.[1]?.toUpperCase() ?? "AVP";
  const types = words.filter((f) => /^\d{1,3}$/.test(f)).map(Number).filter((n) => n < 128);
  return { kind: kind.split("/")[0]!.toLowerCase(), profile: `RTP/${profile}`, formats: [...new Set(types)].slice(0, 64), attributes: [], name: "" };
}

/** "rtpmap:96 H264/90000"; a blank in the place of the colon is forgiven. */
function attributeOf(text: string): [string, string] {
  const [, name = "", value = ""] = /^([^:\s]*)(.*)$/.exec(text.trim()) ?? [];
  return [name.toLowerCase(), value.trim().replace(/^:/, "").trim()];
}

/** Some cameras put quotes around it. */
function controlOf(section: Section): string {
  return unquoted(attribute(section, "control") ?? "");
}

function attribute(section: Section, name: string): string | undefined {
  return section.attributes.find(([have]) => have === name)?.[1];
}
