import type { TrackStart } from "./track.ts";

export interface HeldPacket {
  track: number;
  rtcp: boolean;
  data: Uint8Array;
  at: number;
}

const most = 4096; // packets
const mostBytes = 8 << 20;

/** Packets that came before it was known what they belong to. When there are too many, all go: what is left would not be whole. */
export class Held {
  #packets: HeldPacket[] = [];
  #bytes = 0;

  add(packet: HeldPacket): void {
    this.#packets.push(packet);
    this.#bytes += packet.data.length;
    if (this.#packets.length > most || this.#bytes > mostBytes) this.all();
  }

  /** Gives all away. */
  all(): HeldPacket[] {
    const packets = this.#packets;
    this.#packets = [];
    this.#bytes = 0;
    return packets;
  }

  /** Gives away what comes behind the starts, and forgets the others. Of tracks whose start has no number nothing is left. */
  since(starts: TrackStart[]): HeldPacket[] {
    const from = new Map(starts.map(({ track, seq }) => [track, seq]));
    return this.all().filter(({ track, rtcp, data }) => {
      const seq = from.get(track);
      if (rtcp || seq === undefined || data.length < 4) return false;
      const ahead = ((((data[2]! << 8) | data[3]!) - seq) << 16) >> 16;
      return ahead >= 0;
    });
  }
}
