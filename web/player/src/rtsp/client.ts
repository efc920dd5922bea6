import { Emitter } from "../emitter.ts";
import { answerTo } from "./answer.ts";
import { Connection, type Message } from "./connection.ts";
import { Destination } from "./destination.ts";
import { isStale } from "./digest.ts";
import { RtspError } from "./errors.ts";
import { KeepAlive } from "./keep_alive.ts";
import { headerOf, headersOf, parseParameters, type HeaderList, type Request, type Response } from "./message.ts";
import type { ClientOptions } from "./options.ts";
import { playHeaders, playResult, type PlayOptions, type PlayResult } from "./play.ts";
import { parseSdp, type Controls, type Description } from "./sdp.ts";
import { browserSocket } from "./socket.ts";
import { Tracks } from "./tracks.ts";
import { channelsOf, transportOf } from "./transport.ts";
import { repaired } from "./url.ts";

export type ClientState = "closed" | "init" | "ready" | "playing" | "recording";

export type ClientEvents = {
  /** Each request and response, either way. */
  message: Message;
  /** RTP or RTCP of a track. The data is the listener's to keep. It can come before play has returned; packets behind its answer do not. */
  packet: { track: number; rtcp: boolean; data: Uint8Array; at: number };
  /** A request of the server, which is answered already. */
  request: Request;
  /** The server has described the presentation anew. */
  description: Description;
  /** The connection has ended, and not by close. A RedirectError says where to go on. */
  close: Error;
};

const defaultTimeout = 10_000; // ms
const defaultSession = 60; // s
const redirects = [301, 302, 303, 305];
/** Answers of a server that does not know a track under a URL. */
const otherUrl = [400, 404, 451, 455, 503];
const nothing = new Uint8Array(0);

/** RTSP over WebSocket (RFC 2326, ONVIF streaming section 5.1.1.5): one connection and at most one session. Its errors are sentences for people. */
export class RtspClient extends Emitter<ClientEvents> {
  readonly #options: ClientOptions;
  readonly #timeout: number;
  readonly #now: () => number;
  readonly #keepAlive: KeepAlive;
  readonly #tracks = new Tracks();
  readonly #destination: Destination;
  #connection: Connection | undefined;
  #state: ClientState = "closed";
  #session = "";
  #public: string[] = [];
  #description: (Description & Controls) | undefined;
  #publishing = false;
  #played = false;
  /** SETUPs are made one after the other: the first makes the session that the others belong to. */
  #setups: Promise<unknown> = Promise.resolve();

  /** url is that of the WebSocket. It throws a TypeError if it makes no sense. */
  constructor(url: string, options: ClientOptions = {}) {
    super();
    this.#options = options;
    this.#timeout = options.timeout ?? defaultTimeout;
    this.#now = options.now ?? (() => performance.timeOrigin + performance.now());
    this.#destination = new Destination(url, options);
    this.#keepAlive = new KeepAlive(this.#now, () => void this.#beat());
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Bytes that wait to be sent. */
  get bufferedAmount(): number {
    return this.#connection?.bufferedAmount ?? 0;
  }

  /** Connects. A client that is closed may do so again. */
  async connect(): Promise<void> {
    if (this.#connection !== undefined) throw new Error("The client is connected already.");
    const socket = (this.#options.socket ?? browserSocket)(this.#destination.socket, this.#options.protocols ?? ["rtsp.onvif.org"]);
    const connection: Connection = new Connection(socket, this.#tracks, {
      message: (message) => this.emit("message", message),
      frame: (channel, payload, at) => this.#frame(channel, payload, at),
      request: (request) => this.#asked(request),
      ended: (error) => this.#ended(connection, error),
    }, this.#now);
    this.#connection = connection;
    try {
      await connection.opened(this.#timeout);
    } catch (error) {
      if (this.#connection === connection) this.close();
      throw error;
    }
    if (this.#connection !== connection) throw new Error("The connection was closed.");
    this.#state = "init";
  }

  /** Asks what the server can do: the names of methods. */
  async options(): Promise<string[]> {
    const response = await this.#first("OPTIONS", []);
    return (this.#public = methodsOf(response));
  }

  /** Asks what the presentation is. */
  async describe(): Promise<Description> {
    const response = await this.#first("DESCRIBE", [["Accept", "application/sdp"]]);
    const named = headerOf(response.headers, "Content-Base") || headerOf(response.headers, "Content-Location");
    const sdp = new TextDecoder().decode(response.body);
    return (this.#description = parseSdp(sdp, repaired(named, this.#destination.request)));
  }

  /** Says what will be published. Each medium of the SDP has a control attribute of its own. */
  async announce(sdp: string): Promise<void> {
    const described = parseSdp(sdp, this.#destination.request);
    await this.#first("ANNOUNCE", [["Content-Type", "application/sdp"]], new TextEncoder().encode(sdp));
    [this.#description, this.#publishing] = [described, true];
  }

  /** Has a track come over the connection: the index of its medium in the description. */
  async setup(track: number): Promise<void> {
    const turn = this.#setups.then(() => this.#setup(track));
    this.#setups = turn.catch(() => undefined);
    return turn;
  }

  /** Plays what is set up, or seeks. Where no range is asked for it begins at the beginning, or goes on. */
  async play(options: PlayOptions = {}): Promise<PlayResult> {
    const response = await this.#must("PLAY", this.#aggregate, playHeaders(options, this.#played ? undefined : "npt=0-"));
    [this.#state, this.#played] = ["playing", true];
    return playResult(response, this.#tracks);
  }

  /** Publishes what was announced and set up: packets may be sent when it returns. */
  async record(): Promise<void> {
    await this.#must("RECORD", this.#aggregate, [["Range", "npt=0-"]]);
    this.#state = "recording";
  }

  async pause(): Promise<void> {
    await this.#must("PAUSE", this.#aggregate);
    this.#state = "ready";
  }

  /** Ends the session; the connection stays. */
  async teardown(): Promise<void> {
    if (this.#session === "") return;
    try {
      await this.#must("TEARDOWN", this.#aggregate);
    } finally {
      this.#forgetSession();
    }
  }

  /** Asks for the values of parameters; without names it only says that somebody is there. */
  async getParameter(names: string[]): Promise<Map<string, string>> {
    const response = await this.#parameters("GET_PARAMETER", names.map((name) => `${clean(name)}\r\n`));
    return parseParameters(response.body);
  }

  async setParameter(values: Map<string, string>): Promise<void> {
    await this.#parameters("SET_PARAMETER", [...values].map(([name, value]) => `${clean(name)}: ${clean(value)}\r\n`));
  }

  /** Makes any request and returns the answer, whatever its status. CSeq, User-Agent, Session and Authorization are added. */
  request(method: string, uri: string, headers: HeaderList = [], body: Uint8Array | string = nothing): Promise<Response> {
    if (!/^[^\s/:\0]+$/.test(method) || !/^[^\s\0]+$/.test(uri)) return Promise.reject(new TypeError(`This is no request: ${JSON.stringify(`${method} ${uri}`)}`));
    return this.#ask(method, uri, headers, typeof body === "string" ? new TextEncoder().encode(body) : body);
  }

  /** Sends a packet of RTP, or a compound of RTCP. It throws an Error if the track is not set up, or the connection has ended. */
  send(track: number, rtcp: boolean, packet: Uint8Array): void {
    const channels = this.#tracks.get(track)?.channels;
    if (channels === undefined || this.#connection === undefined) throw new Error(`Track ${track} is not set up.`);
    this.#connection.frame(channels[rtcp ? 1 : 0], packet);
  }

  /** Ends the connection at once. Who waits for an answer gets an error. */
  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
    this.#state = "closed";
    this.#forgetSession();
  }

  get #aggregate(): string {
    return this.#description?.aggregate ?? this.#destination.request;
  }

  async #setup(track: number): Promise<void> {
    const description = this.#description;
    const medium = description?.media[track];
    if (description === undefined || medium === undefined) throw new RangeError(`No track ${track} is described.`);
    const channels = this.#tracks.get(track)?.channels ?? this.#tracks.freeChannels();
    const transport = transportOf(description.profiles[track]!, channels[0], this.#publishing);
    const urls = [...new Set([medium.control, description.others[track]!])];
    for (const url of urls) {
      this.#tracks.bind({ index: track, url, channels }); // media may come before the answer
      try {
        const response = await this.#must("SETUP", url, [["Transport", transport]]);
        const settled = channelsOf(headerOf(response.headers, "Transport"), channels);
        this.#tracks.bind({ index: track, url, channels: settled });
        if (this.#state === "init") this.#state = "ready";
        return;
      } catch (error) {
        this.#tracks.unbind(track);
        const elsewhere = error instanceof RtspError && otherUrl.includes(error.status) && headerOf(error.response.headers, "Retry-After") === undefined;
        if (!elsewhere || url === urls.at(-1)) throw error;
      }
    }
  }

  #parameters(method: string, lines: string[]): Promise<Response> {
    const headers: HeaderList = lines.length === 0 ? [] : [["Content-Type", "text/parameters"]];
    return this.#must(method, this.#aggregate, headers, new TextEncoder().encode(lines.join("")));
  }

  /** Makes a request about the presentation, wherever the server sends the client. */
  async #first(method: string, headers: HeaderList, body = nothing): Promise<Response> {
    for (;;) {
      const response = await this.#ask(method, this.#destination.request, headers, body);
      if (!redirects.includes(response.status) || this.#session !== "") return this.#checked(method, response);
      await this.#follow(headerOf(response.headers, "Location") ?? "");
    }
  }

  /** Goes where a redirect leads. */
  async #follow(location: string): Promise<void> {
    const socket = this.#destination.socket;
    this.#destination.follow(location);
    [this.#description, this.#public] = [undefined, []];
    if (this.#destination.socket === socket) return;
    this.close();
    await this.connect();
  }

  /** Makes a request; an answer that is no success is an error. */
  async #must(method: string, uri: string, headers: HeaderList = [], body = nothing): Promise<Response> {
    return this.#checked(method, await this.#ask(method, uri, headers, body));
  }

  #checked(method: string, response: Response): Response {
    if (redirects.includes(response.status)) throw this.#destination.redirection(headerOf(response.headers, "Location") ?? "");
    if (response.status < 200 || response.status > 299) throw new RtspError(method, response);
    return response;
  }

  /** Makes a request, and makes it again with credentials if the server wants them: once, and once more for a nonce that is too old. */
  async #ask(method: string, uri: string, headers: HeaderList, body: Uint8Array): Promise<Response> {
    for (let tries = 0; ; tries++) {
      const response = await this.#once(method, uri, headers, body);
      if (response.status !== 401 || tries === 2) return response;
      const challenges = headersOf(response.headers, "WWW-Authenticate");
      if (!this.#challenged(method, response, challenges) || (tries === 1 && !isStale(challenges))) return response;
    }
  }

  #challenged(method: string, response: Response, challenges: string[]): boolean {
    try {
      return this.#destination.credentials.challenge(challenges);
    } catch (error) {
      throw new RtspError(method, response, (error as Error).message);
    }
  }

  async #once(method: string, uri: string, headers: HeaderList, body: Uint8Array): Promise<Response> {
    if (this.#connection === undefined || this.#state === "closed") throw new Error("There is no connection to the server.");
    const response = await this.#connection.call(method, uri, [...this.#common(method, uri), ...headers], body, this.#timeout);
    this.#note(method, response);
    return response;
  }

  /** The headers that requests have in common. */
  #common(method: string, uri: string): HeaderList {
    this.#keepAlive.touch();
    const headers: HeaderList = [["User-Agent", "Baton"]];
    if (this.#session !== "" && method !== "DESCRIBE") headers.push(["Session", this.#session]);
    const authorization = this.#destination.credentials.authorize(method, uri);
    if (authorization !== undefined) headers.push(["Authorization", authorization]);
    return headers;
  }

  /** Remembers the session that a response is about, and keeps it alive by half its timeout. */
  #note(method: string, response: Response): void {
    const [, id, timeout] = /^\s*([^;\s]{1,512})\s*(?:;\s*timeout\s*=\s*(\d{1,6}))?/i.exec(headerOf(response.headers, "Session") ?? "") ?? [];
    if (id === undefined || response.status > 299 || method === "TEARDOWN" || this.#state === "closed") return;
    const begins = this.#session !== id;
    this.#session = id;
    if (begins || timeout !== undefined) this.#keepAlive.start(500 * Math.max(Number(timeout ?? defaultSession) || defaultSession, 2));
  }

  /** Says that somebody is there. Some cameras do not answer, which harms nobody. */
  async #beat(): Promise<void> {
    const method = this.#public.includes("GET_PARAMETER") ? "GET_PARAMETER" : "OPTIONS";
    try {
      const connection = this.#connection;
      const response = await this.#ask(method, this.#aggregate, [], nothing);
      if (method === "OPTIONS" && response.status < 300) this.#public = methodsOf(response);
      if (response.status === 454 && connection === this.#connection) this.#end(new RtspError(method, response));
    } catch {
      // If the connection has ended, its owner is told.
    }
  }

  #frame(channel: number, data: Uint8Array, at: number): void {
    this.#keepAlive.check(at);
    const track = this.#tracks.onChannel(channel);
    if (track === undefined) return;
    this.#destination.reached();
    this.emit("packet", { track: track.index, rtcp: track.channels[0] !== channel, data, at });
  }

  /** Answers a request of the server (RFC 2326 section 10). */
  #asked(request: Request): void {
    const understood = request.method !== "ANNOUNCE" || this.#described(request);
    const { start, headers } = answerTo(request, understood);
    this.#connection?.write(start, headers, nothing);
    this.emit("request", request);
    if (request.method === "TEARDOWN") this.#end(new Error("The server has ended the session."));
    if (request.method === "REDIRECT") this.#sentAway(headerOf(request.headers, "Location") ?? "");
  }

  #sentAway(location: string): void {
    // The session goes, politely; nobody waits for the answer.
    if (this.#session !== "") this.#must("TEARDOWN", this.#aggregate).catch(() => undefined);
    this.#end(this.#destination.redirection(location));
  }

  /** Takes a newer description of the same tracks. */
  #described(request: Request): boolean {
    try {
      const description = parseSdp(new TextDecoder().decode(request.body), this.#description?.base ?? this.#destination.request);
      this.#description = description;
      this.emit("description", description);
      return true;
    } catch {
      return false;
    }
  }

  #end(error: Error): void {
    this.#connection?.close(error);
    if (this.#connection !== undefined) this.#ended(this.#connection, error);
  }

  #ended(connection: Connection, error: Error): void {
    if (this.#connection !== connection) return;
    this.close();
    this.emit("close", error);
  }

  #forgetSession(): void {
    this.#keepAlive.stop();
    this.#tracks.clear();
    this.#session = "";
    [this.#publishing, this.#played] = [false, false];
    if (this.#state !== "closed") this.#state = "init";
  }
}

function methodsOf(response: Response): string[] {
  const names = headersOf(response.headers, "Public").join(",").split(/[\s,]+/);
  return names.filter((name) => name !== "").slice(0, 64);
}

/** A text that stays within its line. It throws a TypeError if it does not. */
function clean(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new TypeError(`A parameter can not hold a line end: ${JSON.stringify(text)}`);
  return text;
}
