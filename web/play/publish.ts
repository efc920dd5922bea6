import { Publisher, type PublishStats } from "../player/src/publish/publisher.ts";
import { el } from "./layers/dom.ts";
import type { Login } from "./login.ts";

const codecs = { h264: "H.264", vp8: "VP8", av1: "AV1" } as const;

/** The part of the page that sends a camera or the screen to the path, for others to watch. */
export class Publish {
  readonly element: HTMLDetailsElement;

  #socket: string;
  #request: string;
  #login: Login;
  #codec = el("select", { "aria-label": "Codec" });
  #camera = el("button", { type: "button" }, "Camera");
  #screen = el("button", { type: "button" }, "Screen");
  #stop = el("button", { type: "button", hidden: "" }, "Stop publishing");
  #say = el("p", { role: "status", id: "publishing" });
  #publisher: Publisher | undefined;
  #source: MediaStream | undefined;

  /** socket is where RTSP over WebSocket is spoken, request the URL that is announced, login who publishes. */
  constructor(socket: string, request: string, login: Login) {
    this.#socket = socket;
    this.#request = request;
    this.#login = login;
    for (const [value, name] of Object.entries(codecs)) this.#codec.append(new Option(name, value));
    this.#camera.onclick = () => void this.#start(() => navigator.mediaDevices.getUserMedia({ video: true, audio: true }));
    this.#screen.onclick = () => void this.#start(() => navigator.mediaDevices.getDisplayMedia({ video: true, audio: true }));
    this.#stop.onclick = () => void this.#publisher?.stop();
    this.element = el(
      "details",
      { class: "publish" },
      el("summary", {}, "Publish to this name"),
      el("div", { class: "tools" }, this.#camera, this.#screen, this.#codec, this.#stop),
      this.#say,
    );
    if (!isSecureContext) {
      this.#camera.disabled = this.#screen.disabled = true;
      this.#say.textContent = "Browsers give camera and screen to pages of https:// or of this machine only.";
    }
  }

  async #start(capture: () => Promise<MediaStream>): Promise<void> {
    this.#busy(true);
    try {
      this.#source = await capture();
      const publisher = new Publisher({
        url: this.#socket,
        client: { requestUrl: this.#request, ...this.#login.who },
        source: this.#source,
        video: { codec: this.#codec.value as keyof typeof codecs },
      });
      this.#publisher = publisher;
      publisher.on("stats", (s) => (this.#say.textContent = sentence(s)));
      publisher.on("error", (e) => (this.#say.textContent = e.message));
      publisher.on("state", (state) => {
        if (state === "stopped") this.#say.textContent = "It is no longer published.";
        if (state === "stopped" || state === "failed") this.#end();
      });
      this.#say.textContent = "Connecting …";
      await publisher.start();
    } catch (e) {
      this.#say.textContent = e instanceof DOMException && e.name === "NotAllowedError" ? "The browser was not allowed to use it." : (e as Error).message;
      this.#end();
      this.#login.ask(e, () => void this.#start(capture));
    }
  }

  #end(): void {
    for (const track of this.#source?.getTracks() ?? []) track.stop();
    this.#source = undefined;
    this.#publisher = undefined;
    this.#busy(false);
  }

  #busy(on: boolean): void {
    this.#camera.disabled = this.#screen.disabled = this.#codec.disabled = on;
    this.#stop.hidden = !on;
  }
}

function sentence(s: PublishStats): string {
  const dropped = s.framesDropped > 0 ? `, ${s.framesDropped} left out` : "";
  return `Publishing ${s.width} × ${s.height}, ${(s.bitrate / 1e6).toFixed(1)} Mb/s, ${s.framesEncoded} pictures${dropped}.`;
}
