/** A track that is set up, or about to be. */
export interface Track {
  index: number;
  /** Of its SETUP. */
  url: string;
  /** Of RTP and of RTCP. */
  channels: [number, number];
}

/** The tracks of a session by their interleaved channels, 128 at most. */
export class Tracks {
  readonly #tracks = new Map<number, Track>();
  readonly #channels = new Map<number, Track>();

  /** How many channels media is awaited on. */
  get size(): number {
    return this.#channels.size;
  }

  has(channel: number): boolean {
    return this.#channels.has(channel);
  }

  get(index: number): Track | undefined {
    return this.#tracks.get(index);
  }

  onChannel(channel: number): Track | undefined {
    return this.#channels.get(channel);
  }

  /** Two channels that are free. */
  freeChannels(): [number, number] {
    for (let channel = 0; channel < 256; channel += 2) {
      if (!this.has(channel) && !this.has(channel + 1)) return [channel, channel + 1];
    }
    throw new Error("There are more tracks than one connection can carry.");
  }

  /** Has a track come in, instead of what it was before and of what had its channels. */
  bind(track: Track): void {
    this.unbind(track.index);
    this.#tracks.set(track.index, track);
    for (const channel of track.channels) this.#channels.set(channel, track);
  }

  unbind(index: number): void {
    const track = this.#tracks.get(index);
    this.#tracks.delete(index);
    for (const channel of track?.channels ?? []) {
      if (this.#channels.get(channel) === track) this.#channels.delete(channel);
    }
  }

  /** The track that a URL of RTP-Info means: that of the SETUP, or one that ends like it. entries: how many there are. */
  named(url: string, entries: number): Track | undefined {
    const all = [...this.#tracks.values()];
    const same = all.find((t) => t.url === url) ?? all.find((t) => t.url.endsWith(`/${url.replace(/^\/+/, "")}`) || url.endsWith(`/${t.url}`));
    return same ?? (all.length === 1 && entries === 1 ? all[0] : undefined);
  }

  clear(): void {
    this.#tracks.clear();
    this.#channels.clear();
  }
}
