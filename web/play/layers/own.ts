import type { Player } from "../../player/src/element.ts";
import type { Seen, Source } from "./seen.ts";

const kept = 400; // messages

/** What the page itself exchanges with its server, over WebSocket. Messages are few, and are kept from the beginning on. */
export class Own implements Source {
  readonly exact = false;
  #player: Player;
  #messages: Seen[] = [];
  #seen: ((s: Seen) => void) | undefined;

  constructor(player: Player) {
    this.#player = player;
    player.on("message", (m) => {
      const s: Seen = { ...ends(), at: m.at, sent: m.sent, kind: "message", track: -1, channel: -1, data: new TextEncoder().encode(m.text) };
      this.#messages.push(s);
      if (this.#messages.length > kept) this.#messages.shift();
      this.#seen?.(s);
    });
  }

  listen(seen: (s: Seen) => void): () => void {
    for (const s of this.#messages) seen(s);
    this.#seen = seen;
    const end = this.#player.on("packet", (p) => {
      const channel = 2 * p.track + (p.rtcp ? 1 : 0);
      seen({ ...ends(), at: p.at, sent: false, kind: p.rtcp ? "rtcp" : "rtp", track: p.track, channel, data: p.data.slice() });
    });
    return () => {
      this.#seen = undefined;
      end();
    };
  }
}

function ends(): { lower: string; local: string; remote: string } {
  return { lower: "WebSocket", local: "this page", remote: location.host };
}
