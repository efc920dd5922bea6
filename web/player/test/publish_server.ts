/** A WebSocket at whose other end is a server that lets everybody publish, unless told otherwise. */
export class PublishServer extends EventTarget {
  binaryType = "arraybuffer";
  bufferedAmount = 0;
  readyState = 0;
  protocol = "rtsp.onvif.org";
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;

  /** The methods of the requests, and what was announced. */
  readonly methods: string[] = [];
  sdp = "";
  /** Interleaved frames: channel and packet. */
  readonly frames: [number, Uint8Array][] = [];
  /** Status lines for methods that are not answered with 200; "" is no answer at all. */
  readonly answers = new Map<string, string>();

  /** Lets the client in, soon. */
  open(): this {
    queueMicrotask(() => {
      this.readyState = 1;
      this.#fire(new Event("open"), this.onopen);
    });
    return this;
  }

  send(data: ArrayBuffer | Uint8Array): void {
    const bytes = data instanceof Uint8Array ? data.slice() : new Uint8Array(data.slice(0));
    if (bytes[0] === 0x24) this.frames.push([bytes[1]!, bytes.subarray(4)]);
    else this.#request(new TextDecoder().decode(bytes));
  }

  close(): void {
    this.drop();
  }

  /** The connection is gone. */
  drop(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    const event = Object.assign(new Event("close"), { code: 1006, reason: "", wasClean: false });
    queueMicrotask(() => this.#fire(event, this.onclose));
  }

  #request(text: string): void {
    const method = text.slice(0, text.indexOf(" "));
    this.methods.push(method);
    if (method === "ANNOUNCE") this.sdp = text.slice(text.indexOf("\r\n\r\n") + 4);
    const answer = this.answers.get(method) ?? "200 OK";
    if (answer === "") return;
    const header = (name: string) => new RegExp(`^${name}: *(.*)\r$`, "im").exec(text)?.[1];
    const lines = [`RTSP/1.0 ${answer}`, `CSeq: ${header("CSeq")}`, "Session: abc;timeout=60"];
    if (method === "SETUP") lines.push(`Transport: ${header("Transport")}`);
    const data = new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n").buffer;
    queueMicrotask(() => this.#fire(new MessageEvent("message", { data }), this.onmessage));
  }

  #fire<E extends Event>(event: E, listener: ((event: E) => void) | null): void {
    listener?.(event);
    this.dispatchEvent(event);
  }
}
