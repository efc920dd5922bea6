/** One scheme that a server asks credentials for (RFC 7235 section 4.1). */
export interface Challenge {
  /** In lower case: "digest", "basic". */
  scheme: string;
  /** Names in lower case, values without their quotes. */
  parameters: Map<string, string>;
}

const maxChallenges = 16;

/**
 * What WWW-Authenticate headers ask for. A header may hold several challenges, and parameters are between the same commas: a
 * word that another word follows begins a challenge. What makes no sense is left out; cameras send a lot of it.
 */
export function parseChallenges(values: string[]): Challenge[] {
  const list: Challenge[] = [];
  for (const item of values.flatMap(items)) {
    const begin = /^([^\s=,"]+)(?:\s+(?!=)|$)/.exec(item);
    if (begin) {
      if (list.length === maxChallenges) return list;
      list.push({ scheme: begin[1]!.toLowerCase(), parameters: new Map() });
    }
    const parameter = item.slice(begin?.[0].length ?? 0);
    const equals = parameter.indexOf("=");
    if (equals <= 0) continue;
    list.at(-1)?.parameters.set(parameter.slice(0, equals).trim().toLowerCase(), unquoted(parameter.slice(equals + 1).trim()));
  }
  return list;
}

/** What stands between commas that are not within quotes. */
function items(value: string): string[] {
  const parts = [""];
  let quoted = false;
  for (let i = 0; i < value.length; i++) {
    const c = value[i]!;
    if (c === '"') quoted = !quoted;
    if (c === "," && !quoted) parts.push("");
    else parts[parts.length - 1] += quoted && c === "\\" && i + 1 < value.length ? c + value[++i]! : c;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** A value without the quotes around it. */
export function unquoted(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined).replace(/\\(.)/gs, "$1");
}
