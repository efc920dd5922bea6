/** URLs as they are on the wire, which is text: what a camera names must be asked for letter for letter. */

/** The URL that an a=control attribute names under the base URL: appended to it as text, as FFmpeg and live555 do (RFC 2326 section C.1.1). */
export function resolveControl(base: string, control: string): string {
  const name = control.trim();
  if (name === "" || name === "*") return base;
  if (name.includes("://")) return withoutDoubledScheme(name);
  if (name.startsWith("/")) return joinControl(base, name);
  if (name.startsWith("?") || base.endsWith("/")) return base + name;
  return `${base}/${name}`;
}

/** The same by RFC 1808 section 4, as GStreamer and browsers do: a relative one replaces what follows the last "/" of the base. */
export function joinControl(base: string, control: string): string {
  const name = control.trim();
  if (name === "" || name === "*" || name.includes("://")) return resolveControl(base, name);
  const [, front, path] = /^((?:[^:/?#]*:\/\/)?[^/?#]*)([^?#]*)/.exec(base)!;
  if (name.startsWith("/")) return front! + name;
  if (name.startsWith("?")) return front! + path! + name;
  return `${front}${path!.slice(0, path!.lastIndexOf("/") + 1) || "/"}${name}`;
}

/** The URL that a DESCRIBE or a Location names, as cameras write it, made whole; fallback when nothing helps. */
export function repaired(url: string | undefined, fallback: string): string {
  let text = withoutDoubledScheme(url?.trim() ?? "");
  if (text === "") return fallback;
  if (text.startsWith("/")) return joinControl(fallback, text);
  if (!text.includes("://")) text = `rtsp://${text}`;
  // An IPv6 address without brackets.
  text = withoutUser(text).replace(/^(\w+:\/\/)([0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*)(?=[/?]|$)/, "$1[$2]");
  return /^rtsp[su]?:\/\/[^\s/?#]+[^\s]*$/i.test(text) ? text : fallback;
}

/** A URL without credentials: for requests, and for what people see. */
export function withoutUser(url: string): string {
  return url.replace(/^([^:/?#]*:\/\/)[^/?#]*@/, "$1");
}

/** "rtsp://rtsp://h/p", which some cameras send. */
function withoutDoubledScheme(url: string): string {
  return url.replace(/^(?:rtsp[su]?:\/\/)+(?=rtsp[su]?:\/\/)/i, "");
}
