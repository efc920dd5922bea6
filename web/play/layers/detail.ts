import { el, timeOfDay } from "./dom.ts";
import type { Part } from "./fields.ts";
import { rtcp } from "./rtcp.ts";
import { rtp } from "./rtp.ts";
import type { Seen } from "./seen.ts";

const shown = 512; // bytes of a packet in hex

/** One packet: where it came from, its headers field by field with their bits, and its bytes. */
export function detail(s: Seen, encoding: string, before: Seen | undefined): HTMLElement {
  const parts = s.kind === "rtcp" ? rtcp(s.data) : rtp(s.data, encoding);
  const apart = before ? `${(s.at - before.at).toFixed(3)} ms after the one before` : "";
  const way = s.channel >= 0 && s.lower !== "UDP" ? `${s.lower}, channel ${s.channel}` : s.lower;
  return el(
    "div",
    { class: "detail" },
    el("p", {}, `${s.kind.toUpperCase()}, ${s.data.length} bytes, ${timeOfDay(s.at)}. ${s.remote} ${s.sent ? "←" : "→"} ${s.local} (${way}). ${apart}`),
    el("div", { class: "parts" }, ...parts.map(table)),
    el("pre", { class: "hex", tabindex: "0", "aria-label": "Bytes" }, dump(s.data)),
  );
}

function table(part: Part): HTMLElement {
  const rows = part.fields.map((f) =>
    el("tr", {}, el("th", { scope: "row" }, f.name), el("td", {}, f.value), el("td", { class: "bits", title: "bits" }, f.bits === 1 ? `${f.bit}` : `${f.bit}–${f.bit + f.bits - 1}`)),
  );
  return el("table", {}, el("caption", {}, part.name), el("tbody", {}, ...rows));
}

/** Bytes as hexadecimal numbers and as text, sixteen in a line. */
export function dump(b: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(b.length, shown); at += 16) {
    const row = [...b.subarray(at, Math.min(at + 16, shown))];
    const hex = row.map((v) => v.toString(16).padStart(2, "0")).join(" ");
    const text = row.map((v) => (v >= 32 && v < 127 ? String.fromCharCode(v) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  if (b.length > shown) lines.push(`… ${b.length - shown} bytes more`);
  return lines.join("\n");
}
