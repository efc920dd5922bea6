import { RtspError, type Player } from "../../player/src/element.ts";
import { parse, type ByHand } from "./by_hand.ts";
import { el } from "./dom.ts";

/** Sends a request and returns the answer as it came. */
export type Send = (request: ByHand) => Promise<string>;

/** Sends over the page's own connection. */
export function ownSend(player: Player): Send {
  return async (q) => {
    if (!player.client) await player.options();
    const client = player.client!;
    const uri = q.uri === "" ? player.url : q.uri;
    try {
      const response = await client.request(q.method, uri, q.headers, q.body);
      return response.text;
    } catch (e) {
      if (e instanceof RtspError) return e.response.text;
      throw e;
    }
  };
}

/** Has the gateway, which is in a room of its own, send it to the server. */
export function gatewaySend(room: string): Send {
  return async (q) => {
    const resp = await fetch(`${room}/request`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(q) });
    return resp.text();
  };
}

/** The line at which any method can be sent, with any header, and what came back. */
export function byHand(send: Send): HTMLElement {
  const input = el("input", {
    type: "text",
    "aria-label": "A request by hand",
    placeholder: "GET_PARAMETER  |  Header: value  |  Header: value",
    autocomplete: "off",
    spellcheck: "false",
    list: "methods-of-rtsp",
  });
  const methods = ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "RECORD", "REDIRECT"];
  const list = el("datalist", { id: "methods-of-rtsp" }, ...methods.map((m) => el("option", { value: m })));
  const answer = el("pre", { class: "answer", role: "status" });
  const form = el("form", { class: "console" }, el("label", {}, el("span", {}, "Request"), input), el("button", {}, "Send"), list);
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    const q = parse(input.value);
    if (q.method === "") return;
    answer.textContent = "…";
    send(q).then(
      (text) => (answer.textContent = text),
      (why: unknown) => (answer.textContent = why instanceof Error ? why.message : String(why)),
    );
  });
  for (const name of ["keydown", "keypress"]) form.addEventListener(name, (e) => e.stopPropagation());
  return el("div", {}, form, answer);
}
