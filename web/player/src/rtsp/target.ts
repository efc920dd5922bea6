import { joinControl, repaired, withoutUser } from "./url.ts";

/** Where a client connects, and what its requests name. Neither has credentials in it. */
export interface Target {
  /** ws: or wss:. */
  socket: string;
  /** rtsp:. */
  request: string;
}

/** The target that a URL of WebSocket means. It throws a TypeError if it is none. */
export function targetOf(url: string, request?: string): Target {
  const place = parsed(url);
  if (!place || !/^wss?:$/.test(place.protocol)) {
    throw new TypeError(`A browser reaches RTSP over WebSocket only; this is no address that begins with ws: or wss:, ${JSON.stringify(withoutUser(url))}.`);
  }
  const port = place.port || (place.protocol === "wss:" ? "443" : "80");
  const path = place.pathname + place.search;
  if (request !== undefined && !/^rtsp[su]?:\/\/[^\s/]\S*$/i.test(request)) {
    throw new TypeError(`This is no address that begins with rtsp:, ${JSON.stringify(withoutUser(request))}.`);
  }
  return { socket: `${place.protocol}//${place.host}${path}`, request: withoutUser(request ?? `rtsp://${place.hostname}:${port}${path}`) };
}

/** The user and the password of a URL; of the second where the first has none. */
export function userOf(...urls: (string | undefined)[]): { user: string; password: string } | undefined {
  for (const url of urls) {
    const [, user, password = ""] = /^[^:/?#]*:\/\/([^:/?#]*)(?::([^/?#]*))?@/.exec(url ?? "") ?? [];
    if (user !== undefined) return { user: unescaped(user), password: unescaped(password) };
  }
  return undefined;
}

/** Where a Location leads from a target: another WebSocket, or another URL behind the same one. It throws an Error if it leads nowhere. */
export function redirected(from: Target, location: string): Target {
  const to = location.trim();
  if (/^wss?:/i.test(to)) {
    const target = targetOf(to);
    if (from.socket.startsWith("wss:") && !target.socket.startsWith("wss:")) {
      throw new Error("The server sends the player from an encrypted connection to one that is not.");
    }
    return target;
  }
  const request = /^rtsp[su]?:/i.test(to) ? repaired(to, "") : to.startsWith("/") ? joinControl(from.request, to) : "";
  if (request === "") throw new Error(`The server sends the player to what is no address of RTSP: ${JSON.stringify(to.slice(0, 256))}`);
  return { socket: from.socket, request };
}

/** Whether credentials for one target may be sent to another: both their hosts, with scheme and port, are the same. */
export function sameHost(a: Target, b: Target): boolean {
  return hostOf(a.socket) === hostOf(b.socket) && hostOf(a.request) === hostOf(b.request);
}

function hostOf(url: string): string {
  return /^[^/]*\/\/[^/?#]*/.exec(url)?.[0].toLowerCase() ?? "";
}

function parsed(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
