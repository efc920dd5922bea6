import { headerOf, toFrame, type Frame, type Request, type Response } from "../src/rtsp/message.ts";
import { MessageReader } from "../src/rtsp/reader.ts";
import type { SocketEvent, SocketFactory, WebSocketLike } from "../src/rtsp/socket.ts";

/** What a server does with a request: the text of an answer behind its first line, or nothing. */
export type Script = (request: Request, socket: ScriptedSocket) => string | undefined;

/** The far end of a WebSocket, in memory. Events come as they do in a browser: later, and each in a task of its own. */
export class ScriptedSocket implements WebSocketLike {
  binaryType = "";
  bufferedAmount = 0;
  closed = false;
  readonly url: string;
  readonly protocols: string[];
  readonly requests: Request[] = [];
  readonly responses: Response[] = [];
  readonly frames: Frame[] = [];
  readonly #reader = new MessageReader(new Set<number>());
  readonly #script: Script;
  readonly #listeners: [string, (event: SocketEvent) => void][] = [];

  constructor(url: string, protocols: string[], script: Script, opens = true) {
    [this.url, this.protocols, this.#script] = [url, protocols, script];
    if (opens) this.fire("open", {});
  }

  addEventListener(type: string, listener: (event: SocketEvent) => void): void {
    this.#listeners.push([type, listener]);
  }

  send(data: Uint8Array): void {
    this.#reader.push(data.slice());
    for (let item = this.#reader.next(); item !== undefined; item = this.#reader.next()) {
      if (item.kind === "frame") this.frames.push(item);
      else if (item.kind === "response") this.responses.push(item);
      else this.#answer(item);
    }
  }

  close(code = 1000): void {
    if (this.closed) return;
    this.closed = true;
    this.fire("close", { code });
  }

  /** Sends texts and frames as one message. */
  deliver(...parts: (string | Uint8Array)[]): void {
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
    this.fire("message", { data: new Uint8Array(bytes).buffer });
  }

  fire(type: string, event: SocketEvent): void {
    setImmediate(() => this.#listeners.filter(([name]) => name === type).forEach(([, listener]) => listener(event)));
  }

  #answer(request: Request): void {
    this.requests.push(request);
    const answer = this.#script(request, this);
    if (answer !== undefined) this.deliver(answerText(request, answer));
  }
}

/** "200 OK\nA: b\n\nbody" as the answer to a request, with its CSeq and the length of the body. */
export function answerText(request: Request, answer: string): string {
  const [head, body = ""] = answer.split("\n\n");
  const [status, ...headers] = head!.split("\n");
  const length = body === "" ? [] : [`Content-Length: ${Buffer.byteLength(body)}`];
  return [`RTSP/1.0 ${status}`, `CSeq: ${headerOf(request.headers, "CSeq")}`, ...headers, ...length, "", body].join("\r\n");
}

/** A factory, and the sockets that it has made. */
export function scripted(script: Script, opens = true): { socket: SocketFactory; sockets: ScriptedSocket[] } {
  const sockets: ScriptedSocket[] = [];
  const socket: SocketFactory = (url, protocols) => {
    const made = new ScriptedSocket(url, protocols, script, opens);
    sockets.push(made);
    return made;
  };
  return { socket, sockets };
}

export const film = ["v=0", "s=Film", "a=control:*", "a=range:npt=0-60", "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000", "a=control:t0", "m=audio 0 RTP/AVP 0", "a=control:t1", ""].join("\r\n");

/** A server that does what it is asked, with two tracks. */
export const goodServer: Script = (request) => {
  switch (request.method) {
    case "OPTIONS":
      return "200 OK\nPublic: OPTIONS, DESCRIBE,SETUP, PLAY, GET_PARAMETER";
    case "DESCRIBE":
      return `200 OK\nContent-Base: ${request.uri}/\n\n${film}`;
    case "SETUP":
      return `200 OK\nSession: s1;timeout=60\nTransport: ${headerOf(request.headers, "Transport")};ssrc=1`;
    case "PLAY":
      return "200 OK\nRange: npt=10.000-60\nRTP-Info: url=rtsp://h:80/film/t0;seq=5;rtptime=900,url=rtsp://h:80/film/t1;seq=6;rtptime=80";
    case "GET_PARAMETER":
      return request.body.length > 0 ? "200 OK\n\nposition: 5\r\n" : "200 OK";
    default:
      return "200 OK";
  }
};

export const packet = (...rest: number[]): Uint8Array => Uint8Array.of(0x80, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, ...rest);
export { toFrame };
