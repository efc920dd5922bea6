import { svg } from "./dom.ts";
import type { Seen } from "./seen.ts";

type State = "Init" | "Ready" | "Playing" | "Recording";

const places: Record<State, [number, number]> = { Init: [70, 70], Ready: [230, 70], Playing: [390, 30], Recording: [390, 110] };

/** From, to, the method, and where its name stands (RFC 2326 appendix A). */
const ways: [State, State, string, number, number][] = [
  ["Init", "Ready", "SETUP", 150, 58],
  ["Ready", "Playing", "PLAY", 306, 38],
  ["Playing", "Ready", "PAUSE", 330, 66],
  ["Ready", "Recording", "RECORD", 306, 112],
];

/** The states of a session, lit as it goes through them: it is told by the messages alone. */
export class States {
  readonly element: SVGElement;
  state: State = "Init";
  #pending = new Map<string, string>(); // the methods of requests, by CSeq

  constructor() {
    const g: SVGElement[] = [];
    for (const [from, to, method, x, y] of ways) {
      const [[x1, y1], [x2, y2]] = [places[from], places[to]];
      g.push(svg("line", { x1: `${x1}`, y1: `${y1}`, x2: `${x2}`, y2: `${y2}` }), svg("text", { class: "method", x: `${x}`, y: `${y}` }, method));
    }
    g.push(svg("path", { d: "M390 134 C 330 160, 110 160, 76 92" }), svg("text", { class: "method", x: "232", y: "146" }, "TEARDOWN"));
    for (const [name, [x, y]] of Object.entries(places)) {
      const group = svg("g", { "data-state": name }, svg("rect", { x: `${x - 46}`, y: `${y - 18}`, width: "92", height: "36", rx: "18" }), svg("text", { x: `${x}`, y: `${y + 5}` }, name));
      g.push(group);
    }
    this.element = svg("svg", { class: "states", viewBox: "0 0 460 160", role: "img", "aria-label": "State of the session: Init" }, ...g);
    this.#light("Init");
  }

  see(s: Seen): void {
    const text = new TextDecoder().decode(s.data.subarray(0, 4096));
    const cseq = /^cseq:\s*(\d+)/im.exec(text)?.[1];
    if (cseq === undefined) return;
    const status = /^RTSP\/\d\.\d (\d+)/.exec(text)?.[1];
    if (status === undefined) {
      this.#pending.set(`${s.sent} ${cseq}`, text.split(" ")[0] ?? "");
      if (this.#pending.size > 64) this.#pending.delete(this.#pending.keys().next().value!);
      return;
    }
    const key = `${!s.sent} ${cseq}`;
    const method = this.#pending.get(key);
    this.#pending.delete(key);
    if (method !== undefined && status[0] === "2") this.#go(method);
  }

  /** The connection has ended, and the session with it. */
  reset(): void {
    this.#pending.clear();
    this.#light("Init");
  }

  #go(method: string): void {
    const next: Record<string, State> = { PLAY: "Playing", PAUSE: "Ready", RECORD: "Recording", TEARDOWN: "Init" };
    if (method === "SETUP" && this.state === "Init") this.#light("Ready");
    else if (next[method]) this.#light(next[method]);
  }

  #light(state: State): void {
    this.state = state;
    for (const g of this.element.querySelectorAll("[data-state]")) g.classList.toggle("on", (g as SVGElement).dataset["state"] === state);
    this.element.setAttribute("aria-label", `State of the session: ${state}`);
  }
}
