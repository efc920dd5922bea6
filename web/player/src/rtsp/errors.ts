import { headerOf, type Response } from "./message.ts";
import type { ClientOptions } from "./options.ts";

/** A refusal of the server. Its message is a sentence for people. */
export class RtspError extends Error {
  override readonly name = "RtspError";
  readonly status: number;
  /** The words of the server. */
  readonly reason: string;
  readonly response: Response;

  constructor(method: string, response: Response, sentence = sentenceOf(response)) {
    super(`${sentence} (${method}: ${response.status} ${response.reason})`);
    [this.status, this.reason, this.response] = [response.status, response.reason, response];
  }
}

/** The server sends the client elsewhere, in the middle of a session. */
export class RedirectError extends Error {
  override readonly name = "RedirectError";
  /** What another client is to be made of; credentials are in it only for the same host. */
  readonly next: { url: string; options: ClientOptions };

  constructor(next: { url: string; options: ClientOptions }) {
    super("The server asks to go on at another address.");
    this.next = next;
  }
}

/** An answer that does not come. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";

  /** after: ms. */
  constructor(what: string, after: number) {
    super(`The server has not answered ${what} within ${after / 1000} s.`);
  }
}

/** The reason of Baton's 503 for who has failed to log in too often. */
export const tooManyFailures = "Too Many Failed Logins";

function sentenceOf({ status, reason, headers }: Response): string {
  const wait = headerOf(headers, "Retry-After") ?? "";
  const later = status === 503 && /^\d{1,5}$/.test(wait) ? ` Try again after ${wait} s.` : "";
  if (status === 503 && reason === tooManyFailures) return `There were too many failed logins.${later}`;
  return meaningOf(status) + later;
}

function meaningOf(status: number): string {
  return sentences.get(status) ?? (status >= 500 ? "Something is wrong in the server." : "The server refuses.");
}

const sentences = new Map([
  [400, "The server does not understand what the player asks."],
  [401, "The user name or the password is wrong."],
  [403, "The server does not allow it."],
  [404, "The server has nothing at this address."],
  [405, "The server does not allow this here."],
  [406, "The server has no description that the player understands."],
  [408, "The server has waited too long for the player."],
  [451, "The server does not know such a parameter."],
  [453, "The network of the server is full."],
  [454, "The server does not know the session any more."],
  [455, "This can not be done now."],
  [457, "The presentation does not reach that far."],
  [458, "This parameter can only be read."],
  [459, "This is only for a single track."],
  [460, "This is only for the whole presentation."],
  [461, "The server does not send media over this connection."],
  [501, "The server can not do this."],
  [502, "The server does not get it from where it comes from."],
  [503, "The server has too much to do, or the source is gone."],
  [505, "The server speaks another version of RTSP."],
  [551, "The server lacks an option that is needed."],
]);
