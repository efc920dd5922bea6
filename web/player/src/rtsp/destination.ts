import { Credentials } from "./digest.ts";
import { RedirectError } from "./errors.ts";
import type { ClientOptions } from "./options.ts";
import { redirected, sameHost, targetOf, userOf, type Target } from "./target.ts";

const maxRedirects = 5;

/** Where a client goes, with the credentials that may be sent there, and how often it was sent elsewhere. */
export class Destination {
  readonly #options: ClientOptions;
  #target: Target;
  /** Undefined: nobody's credentials may be sent here. */
  #user: { user: string; password: string } | undefined;
  #credentials: Credentials;
  #redirects: number;

  /** It throws a TypeError if the URL, or that of requests, makes no sense. */
  constructor(url: string, options: ClientOptions) {
    this.#options = options;
    this.#target = targetOf(url, options.requestUrl);
    this.#user = options.user === undefined ? userOf(url, options.requestUrl) : { user: options.user, password: options.password ?? "" };
    this.#credentials = this.#newCredentials();
    this.#redirects = options.redirects ?? 0;
  }

  /** The URL of the WebSocket. */
  get socket(): string {
    return this.#target.socket;
  }

  /** The URL that requests name. */
  get request(): string {
    return this.#target.request;
  }

  get credentials(): Credentials {
    return this.#credentials;
  }

  /** Goes where a Location leads; it throws an Error where that is nowhere. Credentials stay behind where another host begins. */
  follow(location: string): void {
    const to = this.#next(location);
    if (!sameHost(this.#target, to)) this.#user = undefined;
    this.#target = to;
    this.#credentials = this.#newCredentials();
  }

  /** The error that a redirect in the middle of a session is. */
  redirection(location: string): Error {
    try {
      const to = this.#next(location);
      const { user, password } = (sameHost(this.#target, to) && this.#user) || {};
      return new RedirectError({ url: to.socket, options: { ...this.#options, requestUrl: to.request, user, password, redirects: this.#redirects } });
    } catch (error) {
      return error as Error;
    }
  }

  /** Media has come: the redirects that led here were no circle. */
  reached(): void {
    this.#redirects = 0;
  }

  #next(location: string): Target {
    if (++this.#redirects > maxRedirects) throw new Error("The server sends the player from one address to the next without end.");
    return redirected(this.#target, location);
  }

  /** Basic is for connections that nobody can listen to. */
  #newCredentials(): Credentials {
    return new Credentials(this.#user?.user ?? "", this.#user?.password ?? "", this.#target.socket.startsWith("wss:"));
  }
}
