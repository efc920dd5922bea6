import type { Seen, Source } from "./seen.ts";

/** What the gateway of `baton play` exchanges with the server, as it tells over a WebSocket of its own. */
export class Trace implements Source {
  readonly exact = true;
  readonly #room: string;

  /** room: the folder of the gateway that is this browser's. */
  constructor(room: string) {
    this.#room = room;
  }

  listen(seen: (s: Seen) => void, lost: (count: number) => void): () => void {
    const socket = new WebSocket(`ws://${location.host}${this.#room}/trace`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (e) => {
      for (const entry of entries(new Uint8Array(e.data as ArrayBuffer))) {
        if (entry.lost > 0) lost(entry.lost);
        else seen(entry.seen);
      }
    };
    return () => socket.close();
  }
}

/** Takes a message apart: the length of a JSON object, the object, the length of the data, the data; again and again. */
export function* entries(bytes: Uint8Array): Generator<{ seen: Seen; lost: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  for (let at = 0; at + 8 <= bytes.length; ) {
    const head = view.getUint32(at);
    const e = JSON.parse(text.decode(bytes.subarray(at + 4, at + 4 + head))) as Record<string, unknown>;
    at += 4 + head;
    const size = view.getUint32(at);
    const data = bytes.subarray(at + 4, at + 4 + size);
    at += 4 + size;
    const seen: Seen = {
      at: Number(e["at"]) / 1000,
      sent: e["sent"] === true,
      kind: e["kind"] as Seen["kind"],
      track: Number(e["track"] ?? 0),
      lower: String(e["lower"] ?? ""),
      channel: Number(e["channel"] ?? 0),
      local: String(e["local"] ?? ""),
      remote: String(e["remote"] ?? ""),
      data,
    };
    yield { seen, lost: Number(e["lost"] ?? 0) };
  }
}
