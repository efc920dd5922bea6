import type { Media } from "../../player/src/element.ts";
import { el } from "./dom.ts";
import { head } from "./rtp.ts";
import type { Seen } from "./seen.ts";

interface Flow {
  packets: number;
  bytes: number;
  reports: number;
  gaps: number; // packets that are missing
  expected: number | undefined;
  jitter: number; // ticks (RFC 3550 section 6.4.1)
  transit: number | undefined;
  last: number; // when
  between: number; // ms, from one packet to the next, smoothed
  least: number;
  largest: number;
  via: string;
}

/** How the packets of each track come: a table of one row each. */
export class Tracks {
  readonly element = el("div", { class: "tracks" });
  #flows = new Map<number, Flow>();
  #media: () => Media[];

  constructor(media: () => Media[]) {
    this.#media = media;
  }

  see(s: Seen): void {
    let flow = this.#flows.get(s.track);
    if (!flow) {
      flow = { packets: 0, bytes: 0, reports: 0, gaps: 0, expected: undefined, jitter: 0, transit: undefined, last: s.at, between: 0, least: Infinity, largest: 0, via: "" };
      this.#flows.set(s.track, flow);
    }
    if (s.kind === "rtcp") {
      flow.reports++;
      return;
    }
    const h = head(s.data);
    if (!h || s.sent) return;
    flow.via = s.lower === "UDP" ? `${s.remote} → ${s.local}` : `channel ${s.channel}`;
    if (flow.expected !== undefined && h.sequence !== flow.expected) {
      const missing = (h.sequence - flow.expected) & 0xffff;
      if (missing < 0x8000) flow.gaps += missing;
    }
    flow.expected = (h.sequence + 1) & 0xffff;
    const rate = this.#media()[s.track]?.clockRate ?? 90000;
    const transit = (s.at * rate) / 1000 - h.timestamp;
    if (flow.transit !== undefined) {
      const d = Math.abs(transit - flow.transit);
      if (d < rate) flow.jitter += (d - flow.jitter) / 16;
    }
    flow.transit = transit;
    if (flow.packets > 0) flow.between += (s.at - flow.last - flow.between) / 16;
    flow.last = s.at;
    flow.packets++;
    flow.bytes += s.data.length;
    flow.least = Math.min(flow.least, s.data.length);
    flow.largest = Math.max(flow.largest, s.data.length);
  }

  /** Brings the table up to date; called some times a second while it is looked at. */
  draw(): void {
    const rows = [...this.#flows].sort(([a], [b]) => a - b).map(([track, f]) => this.#row(track, f));
    const heads = ["Track", "By", "Packets", "Bytes", "Missing", "Jitter", "Sizes", "Apart", "Reports"];
    this.element.replaceChildren(
      el("table", {}, el("thead", {}, el("tr", {}, ...heads.map((h) => el("th", { scope: "col" }, h)))), el("tbody", {}, ...rows)),
    );
  }

  #row(track: number, f: Flow): HTMLTableRowElement {
    const m = this.#media()[track];
    const jitter = (1000 * f.jitter) / (m?.clockRate ?? 90000);
    const cells = [
      `${track} ${m?.encoding ?? ""}`,
      f.via,
      String(f.packets),
      String(f.bytes),
      String(f.gaps),
      `${jitter.toFixed(1)} ms`,
      f.packets > 0 ? `${f.least} – ${f.largest}` : "–",
      `${f.between.toFixed(1)} ms`,
      String(f.reports),
    ];
    return el("tr", f.gaps > 0 ? { class: "gaps" } : {}, ...cells.map((c, i) => el(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, c)));
  }
}
