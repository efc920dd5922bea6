import { TimeoutError } from "./errors.ts";
import { headerOf, toBytes, toFrame, type HeaderList, type Request, type Response } from "./message.ts";
import { MessageReader, type Channels } from "./reader.ts";
import { endOf, type SocketEvent, type WebSocketLike } from "./socket.ts";

/** A message as it went over the connection. */
export interface Message {
  sent: boolean;
  /** ms since 1970, by the clock of performance.now. */
  at: number;
  start: string;
  headers: HeaderList;
  body: Uint8Array;
  /** As on the wire, with all that is secret in it. */
  text: string;
}

/** Who is told what comes over a connection. */
export interface Listener {
  message(message: Message): void;
  /** The payload is the listener's to keep. at: when it came. */
  frame(channel: number, payload: Uint8Array, at: number): void;
  request(request: Request): void;
  /** Once, whatever the reason, but for Connection.close. */
  ended(error: Error): void;
}

interface Call {
  resolve(response: Response): void;
  reject(error: Error): void;
}

/** One WebSocket: it matches answers with requests. */
export class Connection {
  readonly #socket: WebSocketLike;
  readonly #listener: Listener;
  readonly #now: () => number;
  readonly #reader: MessageReader;
  /** By CSeq, in the order in which they were made. */
  readonly #calls = new Map<string, Call>();
  #cseq = 0;
  /** When what is being read came. */
  #at = 0;
  /** Somebody has got an answer, and what comes behind it waits until they have read it. */
  #held = false;
  #open = false;
  /** Why nothing more will come. */
  #last: Error | undefined;
  #ended = false;

  /** channels are those on which media is awaited. */
  constructor(socket: WebSocketLike, channels: Channels, listener: Listener, now: () => number) {
    [this.#socket, this.#listener, this.#now] = [socket, listener, now];
    this.#reader = new MessageReader(channels);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.#receive(event.data));
    socket.addEventListener("close", (event) => this.#closed(event));
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** Waits until the connection is there, for a time in ms. Browsers do not say why it is not. */
  opened(timeout: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error);
        this.close();
      };
      const timer = setTimeout(() => fail(new TimeoutError("the connection", timeout)), timeout);
      const none = () => fail(new Error("There is no connection to the server: it is not there, or it does not allow this page."));
      this.#socket.addEventListener("close", () => this.#open || none());
      this.#socket.addEventListener("open", () => {
        clearTimeout(timer);
        this.#open = true;
        resolve();
      });
    });
  }

  /** Sends a request and waits for the answer, whatever it is, for a time in ms. */
  async call(method: string, uri: string, headers: HeaderList, body: Uint8Array, timeout: number): Promise<Response> {
    const cseq = String(++this.#cseq);
    this.write(`${method} ${uri} RTSP/1.0`, [["CSeq", cseq], ...headers], body);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      return await new Promise<Response>((resolve, reject) => {
        this.#calls.set(cseq, { resolve, reject });
        timer = setTimeout(() => reject(new TimeoutError(method, timeout)), timeout);
      });
    } finally {
      clearTimeout(timer);
      this.#calls.delete(cseq);
    }
  }

  /** Sends a message. */
  write(start: string, headers: HeaderList, body: Uint8Array): void {
    const bytes = toBytes(start, headers, body);
    this.#send(bytes);
    this.#listener.message({ sent: true, at: this.#now(), start, headers, body, text: new TextDecoder().decode(bytes) });
  }

  /** Sends an interleaved frame. */
  frame(channel: number, payload: Uint8Array): void {
    this.#send(toFrame(channel, payload));
  }

  /** Ends the connection at once. Who waits for an answer gets the error. */
  close(error = new Error("The connection was closed.")): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.close(1000);
    for (const call of this.#calls.values()) call.reject(error);
  }

  #send(bytes: Uint8Array): void {
    if (this.#ended || !this.#open) throw new Error("There is no connection to the server.");
    this.#socket.send(bytes);
  }

  #receive(data: unknown): void {
    if (this.#ended) return;
    this.#at = this.#now();
    this.#reader.push(typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data as ArrayBuffer));
    this.#pump();
  }

  #closed(event: SocketEvent): void {
    this.#last = new Error(endOf(event));
    this.#pump();
  }

  /** Hands out what is complete. */
  #pump(): void {
    try {
      while (!this.#held && !this.#ended) {
        const item = this.#reader.next();
        if (item === undefined) break;
        if (item.kind === "frame") this.#listener.frame(item.channel, item.payload, this.#at);
        else this.#message(item);
      }
    } catch (error) {
      this.#last = error as Error;
    }
    if (!this.#held && this.#last !== undefined) this.#end(this.#last);
  }

  #message(item: Request | Response): void {
    const { start, headers, body, text } = item;
    this.#listener.message({ sent: false, at: this.#at, start, headers, body, text });
    if (item.kind === "request") return this.#listener.request(item);
    const call = item.status < 200 ? undefined : this.#match(headerOf(item.headers, "CSeq"));
    if (call === undefined) return;
    call.resolve(item);
    this.#hold();
  }

  /** The request that an answer is for. One without a CSeq that is known answers the oldest; one that comes too late, none. */
  #match(cseq: string | undefined): Call | undefined {
    const number = /^\d{1,10}$/.test(cseq ?? "") ? Number(cseq) : 0;
    const key = number > 0 && number <= this.#cseq ? String(number) : this.#calls.keys().next().value;
    const call = this.#calls.get(key ?? "");
    this.#calls.delete(key ?? "");
    return call;
  }

  /** Media behind an answer waits until all who wait for the answer have read it: promises are done before the next message of a channel. */
  #hold(): void {
    this.#held = true;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      this.#held = false;
      this.#pump();
    };
    port2.postMessage(undefined);
  }

  #end(error: Error): void {
    if (this.#ended) return;
    this.close(error);
    if (this.#open) this.#listener.ended(error);
  }
}
