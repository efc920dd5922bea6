import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { parseChallenges } from "../src/rtsp/challenge.ts";
import { Credentials, isStale } from "../src/rtsp/digest.ts";
import { md5 } from "../src/rtsp/md5.ts";
import { sha256 } from "../src/rtsp/sha256.ts";
import { sha512_256 } from "../src/rtsp/sha512_256.ts";

test("hashes are those of Node, at every length around their blocks", () => {
  for (const [name, hash] of [["md5", md5], ["sha256", sha256], ["sha512-256", sha512_256]] as const) {
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 0xff);
      assert.equal(Buffer.from(hash(data)).toString("hex"), createHash(name).update(data).digest("hex"), `${name} of ${length} bytes`);
    }
  }
});

const page = 'realm="http-auth@example.org", qop="auth, auth-int"';
const nonces = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

function answer(challenges: string[], user: string, password: string, cnonce: string, method = "GET", uri = "/dir/index.html"): string {
  const credentials = new Credentials(user, password, false, () => cnonce);
  assert.equal(credentials.challenge(challenges), true);
  return credentials.authorize(method, uri)!;
}

test("RFC 7616 section 3.9.1", () => {
  const cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  const of = (algorithm: string) => answer([`Digest ${page}, algorithm=${algorithm}, ${nonces}`], "Mufasa", "Circle of Life", cnonce);
  assert.match(of("MD5"), /response="8ca523f5e9506fed4657c9700eebdbec", qop=auth, nc=00000001, cnonce="f2/);
  assert.match(of("SHA-256"), /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/);
  assert.match(of("MD5"), /opaque="FQhe/);
});

test("RFC 2617 section 3.5", () => {
  const challenge = 'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const text = answer([challenge], "Mufasa", "Circle Of Life", "0a4f113b");
  assert.match(text, /response="6629fae49393a05397450978507c4ef1"/);
  assert.doesNotMatch(text, /algorithm/);
});

const hex = (name: string, text: string) => createHash(name).update(text).digest("hex");

test("without qop it is RFC 2069, and -sess ties the secret to the nonces", () => {
  const old = answer(['Digest realm="r", nonce="n"'], "u", "p", "c", "PLAY", "rtsp://h/x");
  assert.match(old, new RegExp(`response="${hex("md5", `${hex("md5", "u:r:p")}:n:${hex("md5", "PLAY:rtsp://h/x")}`)}"$`));
  const session = answer(['Digest realm="r", nonce="n", algorithm=SHA-512-256-sess, qop=auth'], "u", "p", "c", "PLAY", "x");
  const [a1, a2] = [hex("sha512-256", `${hex("sha512-256", "u:r:p")}:n:c`), hex("sha512-256", "PLAY:x")];
  assert.match(session, new RegExp(`response="${hex("sha512-256", `${a1}:n:00000001:c:auth:${a2}`)}"`));
  assert.match(session, /algorithm=SHA-512-256-sess/);
});

test("the strongest challenge is answered, whatever the order", () => {
  const all = ['Basic realm="b"', 'Digest realm="r", nonce="1", algorithm=MD5, Digest realm="r", nonce="2", algorithm=SHA-256'];
  for (const list of [all, [...all].reverse()]) assert.match(answer(list, "u", "p", "c"), /nonce="2".*algorithm=SHA-256/);
  assert.match(answer(['Digest realm="r", nonce="1"', 'Digest realm="r", nonce="2", algorithm=ROT13'], "u", "p", "c"), /nonce="1"/);
});

test("the count of a nonce goes on, and another nonce begins anew", () => {
  const credentials = new Credentials("u", "p", false);
  credentials.challenge(['Digest realm="r", nonce="1", qop="auth"']);
  assert.match(credentials.authorize("A", "x")!, /nc=00000001/);
  assert.match(credentials.authorize("A", "x")!, /nc=00000002/);
  assert.equal(credentials.challenge(['Digest realm="r", nonce="1", qop="auth"']), false);
  assert.equal(credentials.challenge(['Digest realm="r", nonce="2", qop="auth", stale=TRUE']), true);
  assert.match(credentials.authorize("A", "x")!, /nc=00000001/);
  assert.equal(isStale(['Digest realm="r", nonce="2", stale=TRUE']), true);
});

test("Basic goes over encrypted connections only", () => {
  assert.throws(() => new Credentials("u", "p", false).challenge(['Basic realm="r"']), /wss/);
  const credentials = new Credentials("jürgen", "p:w", true);
  assert.equal(credentials.challenge(['Basic realm="r"']), true);
  assert.equal(credentials.authorize("A", "x"), `Basic ${Buffer.from("jürgen:p:w").toString("base64")}`);
  assert.equal(credentials.challenge(['Basic realm="r"']), false);
});

test("without credentials, or with a challenge nobody knows, there is an error", () => {
  assert.throws(() => new Credentials("", "", true).challenge(['Basic realm="r"']), /user name/);
  for (const bad of [[], [""], ["Bearer"], ["Digest"], ['Digest realm="r"'], ["=,=;\"\\"]]) {
    assert.throws(() => new Credentials("u", "p", true).challenge(bad));
  }
});

test("what is quoted can not end the header", () => {
  const text = answer(['Digest realm="a\\"b\\\\c", nonce="n,m"'], 'u"\r\nX: y', "p", "c");
  assert.match(text, /username="u\\"X: y", realm="a\\"b\\\\c", nonce="n,m"/);
  assert.doesNotMatch(text, /[\r\n]/);
});

test("challenges are found between the commas, and are bounded", () => {
  const list = parseChallenges(['Digest realm = "x, y" , nonce=n, , Basic realm="z",NTLM', "Negotiate"]);
  assert.deepEqual(list.map((c) => [c.scheme, ...c.parameters]), [["digest", ["realm", "x, y"], ["nonce", "n"]], ["basic", ["realm", "z"]], ["ntlm"], ["negotiate"]]);
  assert.equal(parseChallenges(Array.from({ length: 50 }, () => "Basic")).length, 16);
});
