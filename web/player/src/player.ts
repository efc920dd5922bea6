import { addressOf, type Address } from "./address.ts";
import { depacketizerOf } from "./depacketize/index.ts";
import { Emitter } from "./emitter.ts";
import { Playback } from "./playback/playback.ts";
import type { PlaybackStats } from "./playback/stats.ts";
import { parseRtcp, RedirectError, RtspClient, RtspError, type Description, type Message, type PlayResult } from "./rtsp/index.ts";

/** What a player is doing, beside the state of its RTSP session. */
export type PlayerState = "idle" | "connecting" | "ready" | "playing" | "paused" | "ended" | "reconnecting" | "failed";

export interface PlayerOptions {
  user?: string;
  password?: string;
  /** Where RTSP over WebSocket is spoken; /rtsp of the page's own server. */
  gateway?: string;
  /** Comes back when the server goes away; true. */
  reconnect?: boolean;
  /** Uses Media Source Extensions where WebCodecs would do, for tests. */
  forceMse?: boolean;
}

export interface PlayerEvents extends Record<string, unknown> {
  /** sentence says it for people. */
  state: { state: PlayerState; sentence: string };
  description: Description;
  message: Message;
  packet: { track: number; rtcp: boolean; data: Uint8Array; at: number };
  /** Once a second while it plays. */
  stats: PlayerStats;
  /** Seconds of the presentation, of the picture that is shown. */
  position: number;
  /** Milliseconds from the call of play to the first picture. */
  firstpicture: number;
  error: Error;
}

export interface PlayerStats extends PlaybackStats {
  position: number | undefined;
}

/** How long is waited before the server is tried again, in ms: a little more each time. */
const patience = [300, 600, 1000, 2000, 4000, 8000];
/** How long PAUSE waits for the picture that was asked for just before, in ms. */
const glance = 500;
/** RTCP receiver reports are sent so often, in ms (RFC 3550 section 6.2). */
const reportPeriod = 5000;

/**
 * Plays one presentation of an RTSP server in the page. Its methods are those of RTSP, and may be called one by one; play alone does what
 * is needed before it. A method that fails rejects with an Error whose message is a sentence, and state tells it too.
 */
export class Player extends Emitter<PlayerEvents> {
  /** To be put in the page: it holds the picture. */
  readonly element: HTMLElement;
  description: Description | undefined;

  #address: Address;
  #options: PlayerOptions;
  #client: RtspClient | undefined;
  #playback: Playback | undefined;
  #state: PlayerState = "idle";
  #clicked = 0;
  #volume = 1;
  #muted = false;
  #scale = 1;
  #wanted = false; // to play: if the server goes away it is tried again
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #resume: number | undefined; // where to go on when the server is back
  #timers: ReturnType<typeof setInterval>[] = [];
  #audio: AudioContext | undefined;
  #going = new Set<number>(); // tracks of which the server has not said BYE
  #setUp: number[] = [];
  #seen: Promise<void> = Promise.resolve(); // the first picture since PLAY, or that there is none to be waited for
  #saw: () => void = () => undefined;

  constructor(src: string, options: PlayerOptions = {}) {
    super();
    this.#options = options;
    this.#address = addressOf(src, new URL(location.href), options.gateway);
    this.element = document.createElement("div");
    this.element.className = "baton-stage";
  }

  get state(): PlayerState {
    return this.#state;
  }

  /** The URL that requests name, without credentials. */
  get url(): string {
    return this.#address.request;
  }

  /** The RTSP client below, for requests by hand; undefined while there is no connection. */
  get client(): RtspClient | undefined {
    return this.#client;
  }

  get position(): number | undefined {
    return this.#playback?.position;
  }

  /** Seconds; undefined for what is live, or not described yet. */
  get duration(): number | undefined {
    return this.description?.duration;
  }

  get live(): boolean {
    return this.description?.live ?? false;
  }

  /** From 0 to 1. */
  get volume(): number {
    return this.#volume;
  }

  set volume(v: number) {
    this.#volume = Math.min(Math.max(v, 0), 1);
    if (this.#playback) this.#playback.volume = this.#volume;
  }

  get muted(): boolean {
    return this.#muted;
  }

  set muted(on: boolean) {
    this.#muted = on;
    if (this.#playback) this.#playback.muted = on;
  }

  /** The sound as it is heard, for measurements; undefined while there is none. */
  get audio(): AudioNode | undefined {
    return this.#playback?.audio;
  }

  /** Who plays, from the next connection on. */
  login(user: string, password: string): void {
    this.#options = { ...this.#options, user, password };
    this.#drop();
    this.#become("idle", "Ready to log in.");
  }

  /** Which methods the server has. */
  async options(): Promise<string[]> {
    return this.#doing(async () => (await this.#connected()).options());
  }

  async describe(): Promise<Description> {
    return this.#doing(async () => this.#describe());
  }

  /** Describes, and sets up every track that can be decoded here. */
  async setup(): Promise<void> {
    return this.#doing(async () => this.#setup());
  }

  /** Plays, from a position in seconds if one is given, otherwise from where it is. It does all that has to come before. */
  async play(options: { position?: number; scale?: number } = {}): Promise<PlayResult> {
    this.#clicked = performance.now();
    this.#wanted = true;
    this.#attempt = 0;
    this.#wake();
    return this.#doing(async () => this.#play(options));
  }

  /** Goes to a position in seconds, and plays there; what is paused shows the picture there and stays paused. */
  async seek(position: number): Promise<PlayResult> {
    const paused = this.#state === "paused";
    const result = await this.play({ position });
    if (paused) await this.pause();
    return result;
  }

  async pause(): Promise<void> {
    return this.#doing(async () => {
      this.#wanted = false;
      await this.#seen; // of a seek that has just begun
      this.#playback?.pause();
      try {
        await this.#client?.pause();
      } catch (e) {
        if (this.#state === "playing") this.#goOn();
        throw e;
      }
      this.#become("paused", this.live ? "Paused. Play goes on with what is live then." : "Paused.");
    });
  }

  // What the server has refused to pause it goes on sending.
  #goOn(): void {
    this.#wanted = true;
    this.#playback?.resume();
  }

  async teardown(): Promise<void> {
    return this.#doing(async () => {
      this.#wanted = false;
      try {
        await this.#client?.teardown();
      } finally {
        this.#drop();
        this.#become("idle", "The session has ended.");
      }
    });
  }

  async getParameter(names: string[]): Promise<Map<string, string>> {
    return this.#doing(async () => (await this.#connected()).getParameter(names));
  }

  async setParameter(values: Map<string, string>): Promise<void> {
    return this.#doing(async () => (await this.#connected()).setParameter(values));
  }

  /** The picture that is shown, as PNG. */
  async snapshot(): Promise<Blob> {
    if (!this.#playback) throw new Error("There is no picture yet.");
    return this.#playback.snapshot();
  }

  stats(): PlayerStats | undefined {
    const stats = this.#playback?.stats();
    return stats && { ...stats, position: this.position };
  }

  /** Ends everything at once. */
  close(): void {
    this.#wanted = false;
    this.#client?.teardown().catch(() => undefined); // it is sent, nobody waits for the answer
    this.#drop();
    this.#audio?.close().catch(() => undefined);
    this.#audio = undefined;
    this.#become("idle", "Closed.");
  }

  // Browsers let sound begin only in the call of a click.
  #wake(): void {
    this.#audio ??= new AudioContext({ latencyHint: "interactive" });
    this.#audio.resume().catch(() => undefined); // stays silent until the next click
  }

  async #doing<T>(f: () => Promise<T>): Promise<T> {
    try {
      return await f();
    } catch (e) {
      const error = e instanceof Error ? e : new Error(String(e));
      if (this.#state !== "reconnecting") {
        const sentence = error.message;
        this.emit("error", error);
        if (this.#state !== "playing" && this.#state !== "paused") this.#become("failed", sentence);
        else this.#become(this.#state, sentence);
      }
      throw error;
    }
  }

  #become(state: PlayerState, sentence: string): void {
    this.#state = state;
    this.emit("state", { state, sentence });
  }

  async #connected(): Promise<RtspClient> {
    if (this.#client && this.#client.state !== "closed") return this.#client;
    if (this.#state !== "reconnecting") this.#become("connecting", "Connecting …");
    const client = new RtspClient(this.#address.socket, {
      requestUrl: this.#address.request,
      ...login(this.#options, this.#address),
    });
    client.on("message", (m) => this.emit("message", m));
    client.on("packet", (p) => {
      this.emit("packet", p);
      if (p.rtcp) this.#byes(p.track, p.data);
      this.#playback?.packet(p.track, p.rtcp, p.data, p.at);
    });
    client.on("close", (why) => {
      if (this.#client === client) this.#lost(why);
    });
    client.on("description", (d) => {
      this.description = d;
      this.emit("description", d);
    });
    this.#client = client;
    await client.connect();
    return client;
  }

  async #describe(): Promise<Description> {
    const client = await this.#connected();
    this.description = await client.describe();
    this.emit("description", this.description);
    return this.description;
  }

  async #setup(): Promise<void> {
    const description = await this.#describe();
    const client = this.#client!;
    this.#playback?.close();
    const playback = new Playback({
      media: description.media,
      live: description.live,
      volume: this.#volume,
      muted: this.#muted,
      ...(this.#options.forceMse ? { forceMse: true } : {}),
      ...(this.#audio ? { audioContext: this.#audio } : {}),
    });
    this.#playback = playback;
    playback.on("firstpicture", () => {
      this.emit("firstpicture", performance.now() - this.#clicked);
      this.#saw();
    });
    playback.on("silenced", (on) => {
      if (on) this.#become(this.#state, "The browser gives no sound until this page is clicked.");
    });
    playback.on("position", (p) => this.emit("position", p));
    playback.on("error", (e) => {
      this.emit("error", e);
      this.#become(this.#state, e.message);
    });
    this.element.replaceChildren(playback.element);
    const tracks = description.media.map((_, i) => i).filter((i) => depacketizerOf(description.media[i]!) !== undefined);
    if (tracks.length === 0) throw new Error("This browser can decode none of its tracks.");
    for (const track of tracks) await client.setup(track);
    this.#setUp = tracks;
    this.#become("ready", "Ready. Play begins it.");
  }

  async #play(options: { position?: number; scale?: number }): Promise<PlayResult> {
    const ready = this.#client && this.#playback && ["ready", "playing"].includes(this.#client.state);
    if (!ready) await this.#setup();
    const fresh = !ready || this.#state === "ended";
    if (options.scale !== undefined) this.#scale = options.scale;
    const position = options.position ?? (fresh && !this.live ? (this.#resume ?? 0) : undefined);
    this.#resume = undefined;
    this.#going = new Set(this.#setUp);
    const result = await this.#client!.play({
      ...(position === undefined ? {} : { range: `npt=${position.toFixed(3)}-` }),
      ...(this.#scale === 1 && options.scale === undefined ? {} : { scale: this.#scale }),
    });
    if (this.description?.media.some((m) => m.kind === "video")) {
      this.#seen = new Promise((resolve) => {
        this.#saw = resolve;
        setTimeout(resolve, glance);
      });
    }
    this.#playback!.begin(result.start ?? position, result.scale, result.infos);
    this.#playback!.resume();
    this.#become("playing", this.live ? "Playing live." : result.scale === 1 ? "Playing." : `Playing at ${result.scale} times the speed.`);
    this.#attend();
    return result;
  }

  // What is done from time to time while it plays.
  #attend(): void {
    this.#rest();
    this.#timers.push(
      setInterval(() => {
        const stats = this.stats();
        if (stats) this.emit("stats", stats);
        this.#end();
      }, 1000),
      setInterval(() => {
        for (const r of this.#playback?.reports() ?? []) this.#client?.send(r.track, true, r.data);
      }, reportPeriod),
    );
  }

  #rest(): void {
    for (const t of this.#timers) clearInterval(t);
    this.#timers = [];
  }

  #byes(track: number, data: Uint8Array): void {
    if (parseRtcp(data).some((p) => p.type === "bye")) this.#going.delete(track);
  }

  // The end of what is stored: the server has said BYE on every track.
  #end(): void {
    if (this.#state === "playing" && this.#going.size === 0) {
      this.#wanted = false;
      this.#become("ended", this.live ? "The publisher has gone." : "That was the end. Play begins anew.");
    }
  }

  #drop(): void {
    this.#rest();
    clearTimeout(this.#retry);
    this.#client?.close();
    this.#client = undefined;
    this.#playback?.close();
    this.#playback = undefined;
  }

  #lost(why: Error): void {
    this.#client = undefined;
    this.#rest();
    if (why instanceof RedirectError) {
      this.#address = { ...this.#address, socket: why.next.url, request: why.next.options.requestUrl ?? this.#address.request };
      this.#options = { ...this.#options, ...login(why.next.options, this.#address) };
      if (this.#wanted) this.#again("The server asks to go on at another address.");
      return;
    }
    if (!this.live) this.#resume = this.#playback?.position;
    if (!this.#wanted || this.#options.reconnect === false) {
      this.#become("failed", why.message);
      return;
    }
    this.#again("The server is gone. Trying again …");
  }

  #again(sentence: string): void {
    this.#become("reconnecting", sentence);
    const wait = patience[Math.min(this.#attempt++, patience.length - 1)]!;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#play({}).then(
        () => (this.#attempt = 0),
        (e: unknown) => {
          if (!this.#wanted) return;
                this.#client?.close();
          this.#client = undefined;
          const refused = e instanceof RtspError && e.status < 500 && e.status !== 404 && e.status !== 454;
          if (refused) this.#become("failed", e.message);
          else this.#again("The server is gone. Trying again …");
        },
      );
    }, wait);
  }
}

function login(options: PlayerOptions, address: Address): { user?: string; password?: string } {
  const user = options.user ?? address.user;
  const password = options.password ?? address.password;
  return { ...(user === undefined ? {} : { user }), ...(password === undefined ? {} : { password }) };
}
