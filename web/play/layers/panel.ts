import type { Player } from "../../player/src/element.ts";
import { byHand, type Send } from "./console.ts";
import { detail } from "./detail.ts";
import { el } from "./dom.ts";
import { Messages } from "./messages.ts";
import { recording } from "./save.ts";
import type { Seen, Source } from "./seen.ts";
import { States } from "./states.ts";
import { Strip } from "./strip.ts";
import { Tracks } from "./tracks.ts";

const period = 250; // ms between two drawings

/** The layers: messages, packets, and the network below them. Folded, nothing of it runs. */
export class Panel {
  readonly element: HTMLDetailsElement;

  #player: Player;
  #source: Source;
  #states = new States();
  #messages = new Messages();
  #tracks: Tracks;
  #strip: Strip;
  #detail = el("div", { class: "chosen" });
  #freeze = el("button", { type: "button", "aria-pressed": "false" }, "Hold");
  #lost = el("p", { class: "lost", role: "status" });
  #note = el("p", { class: "note", role: "status" });
  #seen: Seen[] = []; // the messages, for the recording
  #end: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(player: Player, source: Source, send: Send) {
    this.#player = player;
    this.#source = source;
    const media = () => player.description?.media ?? [];
    this.#tracks = new Tracks(media);
    this.#strip = new Strip(media, (s) => this.#choose(s));
    const save = el("button", { type: "button" }, "Save for Wireshark");
    save.addEventListener("click", () => this.#save());
    this.#freeze.addEventListener("click", () => this.#hold(!this.#strip.frozen));
    this.element = el(
      "details",
      { class: "layers" },
      el("summary", {}, "Layers"),
      section("Application", source.exact ? "RTSP, as it was exchanged with the server" : "RTSP, between this page and its server", this.#states.element, this.#messages.element, byHand(send)),
      section("Transport", "RTP and RTCP: packets over time, key pictures marked", el("div", { class: "tools" }, this.#freeze, save), this.#strip.element, this.#detail),
      section("Network", "how the packets of each track come", this.#tracks.element, this.#note, this.#lost),
    );
    this.element.addEventListener("toggle", () => (this.element.open ? this.#open() : this.#fold()));
  }

  // Whoever opens it anew sees everything that was kept, once.
  #open(): void {
    if (this.#end) return;
    this.#seen = [];
    this.#states.reset();
    this.#messages.clear();
    this.#note.textContent = "";
    this.#end = this.#source.listen(
      (s) => this.#see(s),
      (n) => (this.#lost.textContent = `${n} entries came faster than this page could take them.`),
    );
    this.#timer ??= setInterval(() => {
      this.#strip.draw();
      this.#tracks.draw();
      if (this.#player.state === "idle" && !this.#source.exact) this.#states.reset();
    }, period);
  }

  #fold(): void {
    this.#end?.();
    this.#end = undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #see(s: Seen): void {
    if (s.kind === "note") {
      this.#note.textContent = new TextDecoder().decode(s.data);
      return;
    }
    if (s.kind !== "message") {
      this.#strip.see(s);
      this.#tracks.see(s);
      return;
    }
    this.#seen.push(s);
    if (this.#seen.length > 2000) this.#seen.shift();
    this.#states.see(s);
    this.#messages.see(s);
  }

  #choose(s: Seen): void {
    const all = this.#strip.packets;
    const before = all.slice(0, all.indexOf(s)).reverse().find((p) => p.track === s.track && p.kind === s.kind);
    this.#detail.replaceChildren(detail(s, this.#player.description?.media[s.track]?.encoding ?? "", before));
    this.#hold(true);
  }

  #hold(on: boolean): void {
    this.#strip.frozen = on;
    this.#freeze.ariaPressed = String(on);
    this.#freeze.textContent = on ? "Go on" : "Hold";
  }

  #save(): void {
    const all = [...this.#seen, ...this.#strip.packets].sort((a, b) => a.at - b.at);
    const url = URL.createObjectURL(recording(all));
    const link = el("a", { href: url, download: "baton.pcapng" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}

function section(name: string, what: string, ...content: (Node | string)[]): HTMLElement {
  return el("section", {}, el("h2", {}, name, el("small", {}, ` ${what}`)), ...content);
}
