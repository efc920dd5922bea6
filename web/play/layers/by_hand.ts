/** A request by hand. */
export interface ByHand {
  method: string;
  /** "": that of what is played. */
  uri: string;
  headers: [string, string][];
  body: string;
}

/** Reads "METHOD URI | Name: value | Name: value"; all but the method may be left out. */
export function parse(line: string): ByHand {
  const [first = "", ...rest] = line.split("|").map((part) => part.trim());
  const [method = "", uri = ""] = first.split(/\s+/);
  const headers = rest
    .filter((h) => h.includes(":"))
    .map((h): [string, string] => [h.slice(0, h.indexOf(":")).trim(), h.slice(h.indexOf(":") + 1).trim()]);
  return { method, uri, headers, body: "" };
}
