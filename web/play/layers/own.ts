import type { Player } from "../../player/src/element.ts";
import type { Seen, Source } from "./seen.ts";

/** What the page itself exchanges with its server, over WebSocket. */
export class Own implements Source {
  readonly exact = false;
  #player: Player;

  constructor(player: Player) {
    this.#player = player;
  }

  listen(seen: (s: Seen) => void): () => void {
    const common = { lower: "WebSocket", local: "this page", remote: location.host };
    const ends = [
      this.#player.on("message", (m) => {
        seen({ ...common, at: m.at, sent: m.sent, kind: "message", track: -1, channel: -1, data: new TextEncoder().encode(m.text) });
      }),
      this.#player.on("packet", (p) => {
        const channel = 2 * p.track + (p.rtcp ? 1 : 0);
        seen({ ...common, at: p.at, sent: false, kind: p.rtcp ? "rtcp" : "rtp", track: p.track, channel, data: p.data.slice() });
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }
}
