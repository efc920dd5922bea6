import { toHex } from "../depacketize/base64.ts";
import { parseChallenges, type Challenge } from "./challenge.ts";
import type { Hash } from "./hash.ts";
import { md5 } from "./md5.ts";
import { sha256 } from "./sha256.ts";
import { sha512_256 } from "./sha512_256.ts";

/** The algorithms of Digest (RFC 7616 section 6.1), the strongest first. */
const algorithms: [string, Hash][] = [
  ["SHA-512-256", sha512_256],
  ["SHA-256", sha256],
  ["MD5", md5],
];

interface Digest {
  hash: Hash;
  /** As the server wrote it; undefined if it did not. */
  algorithm?: string;
  session: boolean;
  qop: boolean;
  realm: string;
  nonce: string;
  opaque?: string;
  count: number;
}

/** Answers the challenges of one server. */
export class Credentials {
  readonly #user: string;
  readonly #password: string;
  readonly #basic: boolean;
  readonly #cnonce: () => string;
  #answer: Digest | "basic" | undefined;

  /** Basic is for connections that nobody can listen to. cnonce is for tests. */
  constructor(user: string, password: string, basic: boolean, cnonce: () => string = randomText) {
    this.#user = user;
    this.#password = password;
    this.#basic = basic;
    this.#cnonce = cnonce;
  }

  /**
   * Takes what a 401 asks for, the strongest of it whatever the order. True says that there is something new to answer with:
   * another nonce, or a first one. It throws if there is nothing to answer with at all.
   */
  challenge(values: string[]): boolean {
    if (this.#user === "" && this.#password === "") throw new Error("The server asks for a user name and a password.");
    const list = parseChallenges(values);
    const digest = strongest(list);
    const before = this.#answer;
    if (digest !== undefined) {
      this.#answer = digest;
      return typeof before !== "object" || before.nonce !== digest.nonce;
    }
    if (!list.some((c) => c.scheme === "basic")) throw new Error("The server asks for the password in a way that is not known here.");
    if (!this.#basic) throw new Error("The server wants the password unencrypted; that is sent over wss: only.");
    this.#answer = "basic";
    return before !== "basic";
  }

  /** The Authorization header of a request; undefined when nobody has asked for it. uri is that of the request line, letter for letter. */
  authorize(method: string, uri: string): string | undefined {
    if (this.#answer === undefined) return undefined;
    if (this.#answer === "basic") return `Basic ${toBase64(`${this.#user}:${this.#password}`)}`;
    this.#answer.count++;
    return this.#digest(this.#answer, method, uri, this.#cnonce());
  }

  /** RFC 7616 section 3.4, and RFC 2069 for servers that offer no qop. */
  #digest(d: Digest, method: string, uri: string, cnonce: string): string {
    const h = (...parts: string[]) => toHex(d.hash(new TextEncoder().encode(parts.join(":")))).toLowerCase();
    const secret = h(this.#user, d.realm, this.#password);
    const a1 = d.session ? h(secret, d.nonce, cnonce) : secret;
    const a2 = h(method, uri);
    const count = d.count.toString(16).padStart(8, "0");
    const fields = [`username=${quoted(this.#user)}`, `realm=${quoted(d.realm)}`, `nonce=${quoted(d.nonce)}`, `uri=${quoted(uri)}`];
    if (d.qop) fields.push(`response="${h(a1, d.nonce, count, cnonce, "auth", a2)}"`, "qop=auth", `nc=${count}`);
    else fields.push(`response="${h(a1, d.nonce, a2)}"`);
    if (d.qop || d.session) fields.push(`cnonce="${cnonce}"`);
    if (d.algorithm !== undefined) fields.push(`algorithm=${d.algorithm}`);
    if (d.opaque !== undefined) fields.push(`opaque=${quoted(d.opaque)}`);
    return `Digest ${fields.join(", ")}`;
  }
}

/** Whether the credentials of before were right, and only the nonce too old (RFC 7616 section 3.3). */
export function isStale(values: string[]): boolean {
  return parseChallenges(values).some((c) => c.parameters.get("stale")?.toLowerCase() === "true");
}

function strongest(list: Challenge[]): Digest | undefined {
  const digests = list.filter((c) => c.scheme === "digest" && c.parameters.get("nonce"));
  for (const [name, hash] of algorithms) {
    for (const { parameters } of digests) {
      const algorithm = parameters.get("algorithm") || undefined;
      const wanted = (algorithm ?? "MD5").toUpperCase();
      if (wanted !== name && wanted !== `${name}-SESS`) continue;
      const qop = (parameters.get("qop") ?? "").split(",").some((word) => word.trim().toLowerCase() === "auth");
      const [realm, nonce] = [parameters.get("realm") ?? "", parameters.get("nonce")!];
      return { hash, algorithm, session: wanted !== name, qop, realm, nonce, opaque: parameters.get("opaque"), count: 0 };
    }
  }
  return undefined;
}

/** Line ends, which a URL or a realm can not have, would end the header. */
function quoted(text: string): string {
  return `"${text.replace(/[\r\n\0]/g, "").replace(/["\\]/g, "\\$&")}"`;
}

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(""));
}

function randomText(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(12))).toLowerCase();
}
