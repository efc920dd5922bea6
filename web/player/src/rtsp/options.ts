import type { SocketFactory } from "./socket.ts";

/** What a client may be told besides its URL. */
export interface ClientOptions {
  /** Credentials; those in the URL count where none are here. */
  user?: string;
  password?: string;
  /** What requests name, when it is not the path of the WebSocket: rtsp://camera/1. */
  requestUrl?: string;
  /** How long an answer may take, in ms; 10000 if not given. */
  timeout?: number;
  /** Sub-protocols of the WebSocket; rtsp.onvif.org if not given. */
  protocols?: string[];
  /** How many redirects have led here; more than five are an error. */
  redirects?: number;
  /** For tests: makes connections, and tells the time in ms. */
  socket?: SocketFactory;
  now?: () => number;
}
