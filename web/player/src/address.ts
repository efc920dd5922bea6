/** Where a presentation is had: the WebSocket to speak RTSP over, and the URL that requests name. */
export interface Address {
  socket: string;
  request: string;
  user?: string;
  password?: string;
}

/**
 * Reads what a page says is to be played: a path of the page's own server ("/clock?gop=10"), an rtsp:, ws: or wss: URL. An rtsp: URL is
 * asked for at /rtsp of the page's own server, or of the server at gateway. Credentials are taken out of the URL.
 */
export function addressOf(src: string, page: URL, gateway?: string): Address {
  const secure = page.protocol === "https:";
  const own = gateway ?? `${secure ? "wss" : "ws"}://${page.host}/rtsp`;
  if (/^wss?:/i.test(src)) {
    const url = new URL(src);
    const login = credentials(url);
    return { socket: url.href, request: `rtsp://${url.host}${url.pathname}${url.search}`, ...login };
  }
  if (/^rtsps?:/i.test(src)) {
    // URL knows hosts and credentials only of schemes that it knows.
    const url = new URL(src.replace(/^rtsps?:/i, "http:"));
    const login = credentials(url);
    return { socket: own, request: `rtsp://${url.host}${url.pathname}${url.search}`, ...login };
  }
  const path = src.startsWith("/") ? src : `/${src}`;
  return { socket: own, request: `rtsp://${page.host}${path}` };
}

function credentials(url: URL): { user?: string; password?: string } {
  if (url.username === "") return {};
  const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = "";
  url.password = "";
  return login;
}
