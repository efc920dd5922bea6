import { Controls } from "./controls.ts";
import { Player, type PlayerOptions } from "./player.ts";
import { style } from "./style.ts";

export * from "./index.ts";

/** How long the bar stays over a picture that plays when the pointer rests, in ms; and what is said. */
const rest = 2500;
const spoken = 4000;

/**
 * `<baton-player src="/clock" controls autoplay muted>`: a presentation in a page. src is a path of the page's own server, or an rtsp:, ws:
 * or wss: URL; gateway is where RTSP over WebSocket is spoken, if not at /rtsp of that server. player is the object behind it.
 */
export class BatonPlayer extends HTMLElement {
  static readonly observedAttributes = ["src", "gateway", "controls"];

  /** Undefined without src, or while the element is in no document. */
  player: Player | undefined;

  #controls: Controls | undefined;
  #say = document.createElement("div");
  #calm: ReturnType<typeof setTimeout> | undefined;
  #hush: ReturnType<typeof setTimeout> | undefined;
  #root = this.attachShadow({ mode: "open" });

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    this.#root.adoptedStyleSheets = [sheet];
    this.#say.className = "say";
    this.#say.role = "status";
    this.addEventListener("keydown", (e) => this.#key(e));
    for (const name of ["pointermove", "pointerdown", "keydown", "focusin"]) this.addEventListener(name, () => this.#stir());
    this.addEventListener("pointerleave", () => this.#settle(0));
  }

  connectedCallback(): void {
    if (!this.hasAttribute("tabindex")) this.tabIndex = 0;
    addEventListener("pagehide", this.#leave);
    this.#begin();
  }

  disconnectedCallback(): void {
    removeEventListener("pagehide", this.#leave);
    this.#end();
  }

  attributeChangedCallback(_: string, before: string | null, now: string | null): void {
    if (this.isConnected && before !== now) this.#begin();
  }

  // Browsers keep pages that were left, to go back to, and what they are connected to: the server would send on to nobody.
  #leave = (): void => this.player?.close();

  #begin(): void {
    this.#end();
    const src = this.getAttribute("src");
    if (src === null) return;
    const options: PlayerOptions = {};
    const gateway = this.getAttribute("gateway");
    if (gateway !== null) options.gateway = gateway;
    if (this.hasAttribute("mse")) options.forceMse = true;
    const player = new Player(src, options);
    player.muted = this.hasAttribute("muted");
    this.player = player;
    player.on("state", ({ state, sentence }) => {
      this.#tell(sentence, state === "failed" || state === "reconnecting");
      this.dataset["state"] = state;
      this.#stir();
      this.dispatchEvent(new CustomEvent("state", { detail: { state, sentence } }));
    });
    this.#root.replaceChildren(player.element, this.#say);
    if (this.hasAttribute("controls")) {
      this.#controls = new Controls(player, this);
      this.#root.append(this.#controls.bar, this.#controls.big);
    }
    this.dispatchEvent(new CustomEvent("player", { detail: player }));
    if (this.hasAttribute("autoplay")) player.play().catch(() => undefined); // its state says so
  }

  #end(): void {
    this.player?.close();
    this.player = undefined;
    this.#controls = undefined;
    this.#root.replaceChildren();
  }

  #tell(sentence: string, stays: boolean): void {
    clearTimeout(this.#hush);
    this.#say.textContent = sentence;
    this.#say.classList.add("on");
    if (!stays) this.#hush = setTimeout(() => this.#say.classList.remove("on"), spoken);
  }

  #key(event: KeyboardEvent): void {
    const target = event.composedPath()[0];
    const typing = target instanceof HTMLElement && target !== this && (target.tagName === "SELECT" || target.tagName === "INPUT" || (target.tagName === "BUTTON" && event.key === " "));
    if (!typing && this.#controls?.key(event, this)) event.preventDefault();
  }

  // The bar is there while somebody moves, and goes when the picture is watched.
  #stir(): void {
    this.classList.remove("calm");
    this.#settle(rest);
  }

  #settle(after: number): void {
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      if (this.player?.state === "playing") this.classList.add("calm");
    }, after);
  }
}

if (!customElements.get("baton-player")) customElements.define("baton-player", BatonPlayer);
