/** What a client needs of a WebSocket. */
export interface WebSocketLike {
  binaryType: string;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: SocketEvent) => void): void;
}

export interface SocketEvent {
  /** Of a message: an ArrayBuffer, or a text. */
  data?: unknown;
  /** Of the end (RFC 6455 section 7.4). */
  code?: number;
  reason?: string;
}

/** Begins to connect. */
export type SocketFactory = (url: string, protocols: string[]) => WebSocketLike;

export const browserSocket: SocketFactory = (url, protocols) => new WebSocket(url, protocols) as WebSocketLike;

/** A sentence on why a connection has ended. */
export function endOf(event: SocketEvent): string {
  const words = event.reason ? ` (${event.reason})` : "";
  if (event.code === 1000 || event.code === 1001) return `The server has closed the connection${words}.`;
  return `The connection to the server broke${words}.`;
}
