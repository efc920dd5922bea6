import { el, timeOfDay } from "./dom.ts";
import type { Seen } from "./seen.ts";

const most = 400; // messages that are kept in the page

/** Every message of RTSP, both ways, the newest at the end. */
export class Messages {
  readonly element = el("ol", { class: "messages", "aria-label": "Messages of RTSP" });
  #first: number | undefined;

  clear(): void {
    this.element.replaceChildren();
    this.#first = undefined;
  }

  see(s: Seen): void {
    const text = new TextDecoder().decode(s.data);
    const [head, body] = split(text);
    const lines = head.split(/\r?\n/);
    this.#first ??= s.at;
    const item = el(
      "li",
      { class: `${s.sent ? "sent" : "received"} ${kind(lines[0] ?? "")}` },
      el(
        "details",
        {},
        el(
          "summary",
          {},
          el("span", { class: "way", title: s.sent ? "sent" : "received" }, s.sent ? "→" : "←"),
          el("span", { class: "start" }, lines[0] ?? ""),
          el("time", { title: timeOfDay(s.at) }, `${((s.at - this.#first) / 1000).toFixed(3)}`),
        ),
        el("pre", {}, ...headers(lines.slice(1)), ...(body === "" ? [] : [el("span", { class: "body" }, `\n${body}`)])),
      ),
    );
    const follow = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 40;
    this.element.append(item);
    while (this.element.children.length > most) this.element.firstElementChild!.remove();
    if (follow) this.element.scrollTop = this.element.scrollHeight;
  }
}

function split(text: string): [string, string] {
  const end = /\r?\n\r?\n/.exec(text);
  return end ? [text.slice(0, end.index), text.slice(end.index + end[0].length)] : [text, ""];
}

/** Names of headers in another colour than what they say. */
function headers(lines: string[]): Node[] {
  return lines
    .filter((l) => l !== "")
    .flatMap((line) => {
      const colon = line.indexOf(":");
      if (colon < 0) return [document.createTextNode(`${line}\n`)];
      return [el("b", {}, line.slice(0, colon + 1)), document.createTextNode(`${line.slice(colon + 1)}\n`)];
    });
}

function kind(start: string): string {
  const status = /^RTSP\/\S+ (\d)/.exec(start)?.[1];
  return status === undefined ? "request" : status === "2" ? "good" : "refused";
}
