import { staticPayload } from "./static_payloads.ts";

/** The session, or one medium, as its lines say. */
export interface Section {
  /** Of m=, in lower case: "video"; "" for the session. */
  kind: string;
  profile: string;
  /** RTP payload types. */
  formats: number[];
  /** Names in lower case. */
  attributes: [name: string, value: string][];
  name: string;
}

/** An a=rtpmap or a=fmtp, and the payload type that it speaks of. */
export function formatLine([name, value]: [string, string]): { name: string; payloadType?: number; text: string } | undefined {
  if (name !== "rtpmap" && name !== "fmtp") return undefined;
  const [, type, text] = /^(\d{1,3})(?=[\s;]|$)[\s;]*(.*)$/.exec(value) ?? [];
  if (type === undefined || Number(type) > 127) return { name, text: value };
  return { name, payloadType: Number(type), text: text! };
}

/** Brings a=rtpmap and a=fmtp to the media they were meant for: cameras put them elsewhere, and number them wrongly. */
export function bindFormats(session: Section, media: Section[]): void {
  for (const m of media) nameFormats(m);
  for (const from of [session, ...media]) {
    from.attributes = from.attributes.filter((a) => !adopt(a, from, media));
  }
  for (const m of media) bindOnlyFormat(m);
}

/** The formats of an m= line that names none are those that the attributes speak of. */
function nameFormats(m: Section): void {
  for (const key of ["rtpmap", "fmtp"]) {
    if (m.formats.length > 0) return;
    const types = m.attributes.map(formatLine).filter((line) => line?.name === key && line.payloadType !== undefined);
    m.formats = [...new Set(types.map((line) => line!.payloadType!))].slice(0, 64);
  }
}

/** Gives an attribute of a format that its section does not have to the one medium that has it. */
function adopt(a: [string, string], from: Section, media: Section[]): boolean {
  const line = formatLine(a);
  if (line?.payloadType === undefined || from.formats.includes(line.payloadType)) return false;
  const homes = media.filter((m) => m.formats.includes(line.payloadType!));
  if (homes.length !== 1 || describes(homes[0]!, line.name, line.payloadType)) return false;
  homes[0]!.attributes.push(a);
  return true;
}

/** The only format of a medium gets what was written under another number, or none: Hikvision has rtpmap 104 beside fmtp 97. */
function bindOnlyFormat(m: Section): void {
  const [type] = m.formats;
  if (m.formats.length !== 1 || type === undefined) return;
  for (const key of ["rtpmap", "fmtp"]) {
    if (describes(m, key, type) || (key === "rtpmap" && staticPayload(type))) continue;
    m.attributes = m.attributes.map((a) => {
      const line = formatLine(a);
      const another = key === "fmtp" && line?.payloadType !== undefined && describes(m, "rtpmap", line.payloadType);
      return line?.name === key && !another ? [key, `${type} ${line.text}`] : a;
    });
  }
}

function describes(m: Section, key: string, type: number): boolean {
  return m.attributes.some((a) => {
    const line = formatLine(a);
    return line?.name === key && line.payloadType === type;
  });
}
