import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { RedirectError, RtspClient, RtspError, headerOf, type ClientOptions, type Message } from "../src/rtsp/index.ts";
import { answerText, film, goodServer, packet, scripted, toFrame, type Script, type ScriptedSocket } from "./scripted_socket.ts";

const url = "ws://h/film";

/** A client that is connected to a server. */
async function connected(script: Script = goodServer, options: ClientOptions = {}, to = url) {
  const { socket, sockets } = scripted(script);
  const client = new RtspClient(to, { ...options, socket });
  await client.connect();
  return { client, sockets, server: sockets[0]! };
}

/** A client that has set up both tracks. */
async function ready(script: Script = goodServer, options: ClientOptions = {}) {
  const all = await connected(script, options);
  await all.client.describe();
  await Promise.all([all.client.setup(0), all.client.setup(1)]);
  return all;
}

const task = () => new Promise((resolve) => setImmediate(resolve));
const sent = (server: ScriptedSocket) => server.requests.map((r) => r.method);
const closing = (client: RtspClient) => new Promise<Error>((resolve) => client.on("close", resolve));

test("the life of a player", async () => {
  const { client, server } = await connected();
  assert.deepEqual([server.url, server.protocols, server.binaryType, client.state], ["ws://h/film", ["rtsp.onvif.org"], "arraybuffer", "init"]);
  assert.deepEqual(await client.options(), ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER"]);
  const description = await client.describe();
  assert.deepEqual([description.name, description.duration, description.base, description.sdp], ["Film", 60, "rtsp://h:80/film/", film]);
  await client.setup(0);
  await client.setup(1);
  assert.equal(client.state, "ready");
  const result = await client.play({ range: "npt=10-", scale: -2, speed: 1.5 });
  assert.deepEqual(result, { range: "npt=10.000-60", start: 10, scale: 1, infos: [{ track: 0, seq: 5, rtptime: 900 }, { track: 1, seq: 6, rtptime: 80 }] });
  assert.equal(client.state, "playing");
  assert.deepEqual(await client.getParameter(["position"]), new Map([["position", "5"]]));
  await client.setParameter(new Map([["a", "b"]]));
  await client.pause();
  assert.equal(client.state, "ready");
  await client.play();
  await client.teardown();
  await client.teardown();
  assert.equal(client.state, "init");
  client.close();
  assert.deepEqual([client.state, server.closed], ["closed", true]);

  const lines = server.requests.map((r) => [r.start, ...r.headers.filter(([name]) => !/^(CSeq|User-Agent|Content-)/.test(name)).map((h) => h.join(": "))].join("|"));
  assert.deepEqual(lines, [
    "OPTIONS rtsp://h:80/film RTSP/1.0",
    "DESCRIBE rtsp://h:80/film RTSP/1.0|Accept: application/sdp",
    "SETUP rtsp://h:80/film/t0 RTSP/1.0|Transport: RTP/AVP/TCP;unicast;interleaved=0-1",
    "SETUP rtsp://h:80/film/t1 RTSP/1.0|Session: s1|Transport: RTP/AVP/TCP;unicast;interleaved=2-3",
    "PLAY rtsp://h:80/film/ RTSP/1.0|Session: s1|Range: npt=10-|Scale: -2|Speed: 1.5",
    "GET_PARAMETER rtsp://h:80/film/ RTSP/1.0|Session: s1",
    "SET_PARAMETER rtsp://h:80/film/ RTSP/1.0|Session: s1",
    "PAUSE rtsp://h:80/film/ RTSP/1.0|Session: s1",
    "PLAY rtsp://h:80/film/ RTSP/1.0|Session: s1",
    "TEARDOWN rtsp://h:80/film/ RTSP/1.0|Session: s1",
  ]);
  assert.deepEqual(server.requests.map((r) => headerOf(r.headers, "CSeq")), lines.map((_, i) => String(i + 1)));
  assert.deepEqual([5, 6].map((i) => Buffer.from(server.requests[i]!.body).toString()), ["position\r\n", "a: b\r\n"]);
});

test("the life of a publisher", async () => {
  const { client, server } = await connected(goodServer, { requestUrl: "rtsp://cam/1" });
  await client.announce(film);
  await client.setup(1);
  await client.record();
  assert.equal(client.state, "recording");
  client.send(1, false, packet(7));
  client.send(1, true, packet(8));
  assert.throws(() => client.send(0, false, packet()), /not set up/);
  assert.throws(() => client.send(1, false, new Uint8Array(65536)), RangeError);
  assert.deepEqual(server.frames.map((f) => [f.channel, f.payload.at(-1)]), [[0, 7], [1, 8]]);
  assert.deepEqual(sent(server), ["ANNOUNCE", "SETUP", "RECORD"]);
  const [announce, setup] = server.requests;
  assert.deepEqual([announce!.uri, headerOf(announce!.headers, "Content-Type"), Buffer.from(announce!.body).toString()], ["rtsp://cam/1", "application/sdp", film]);
  assert.match(headerOf(setup!.headers, "Transport")!, /;mode=record$/);
  client.close();
});

test("packets come to their tracks, also before SETUP and PLAY are answered", async () => {
  const script: Script = (request, server) => {
    if (request.method === "SETUP" || request.method === "PLAY") server.deliver(toFrame(0, packet(1)));
    return goodServer(request, server);
  };
  const { client, server } = await connected(script, { now: () => 77 });
  const seen: unknown[] = [];
  client.on("packet", ({ track, rtcp, data, at }) => seen.push([track, rtcp, data.at(-1), at]));
  await client.describe();
  await client.setup(0);
  assert.deepEqual(seen, [[0, false, 1, 77]]);
  await client.play();
  server.deliver(toFrame(1, packet(2)), toFrame(200, packet(3)), toFrame(0, packet(4)));
  await task();
  assert.deepEqual(seen.slice(2), [[0, true, 2, 77], [0, false, 4, 77]]);
  client.close();
});

test("packets behind the answer to PLAY come after play has returned, though they came in one message", async () => {
  const { client } = await ready((request, server) => {
    const answer = goodServer(request, server)!;
    if (request.method !== "PLAY") return answer;
    server.deliver(answerText(request, answer), toFrame(0, packet(1)), toFrame(0, packet(2)));
    return undefined;
  });
  const seen: string[] = [];
  const done = new Promise<void>((resolve) => client.on("packet", ({ data }) => {
    seen.push(`packet ${data.at(-1)}`);
    if (data.at(-1) === 2) resolve();
  }));
  const wrapped = async () => await (async () => await client.play())();
  await wrapped();
  seen.push("played");
  await done;
  assert.deepEqual(seen, ["played", "packet 1", "packet 2"]);
  client.close();
});

test("the server may choose other channels, but no other transport", async () => {
  let transport = "RTP/AVP/TCP;unicast;interleaved=8-9";
  const { client, server } = await connected((r, s) => (r.method === "SETUP" ? `200 OK\nSession: 1\nTransport: ${transport}` : goodServer(r, s)));
  await client.describe();
  await client.setup(0);
  const seen: number[] = [];
  client.on("packet", ({ data }) => seen.push(data.at(-1)!));
  server.deliver(toFrame(0, packet(1)), toFrame(8, packet(2)));
  await task();
  assert.deepEqual(seen, [2]);
  transport = "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001";
  await assert.rejects(client.setup(1), /past the connection/);
  transport = "RTP/AVP/TCP;interleaved=300-301";
  await assert.rejects(client.setup(1), /channel/);
  await assert.rejects(client.setup(2), RangeError);
  client.close();
});

test("RTP-Info names tracks as servers please", async () => {
  let infos = "";
  const { client } = await ready((r, s) => (r.method === "PLAY" ? `200 OK\nRTP-Info: ${infos}` : goodServer(r, s)));
  const table: [string, number[]][] = [
    ["url=rtsp://10.0.0.1/film/t1;seq=1", [1]],
    ["url=t1;seq=1,url=/film/t0;seq=2", [1, 0]],
    ["url=rtsp://h:80/film/;seq=1", []],
    ["url=;seq=1,nonsense", []],
  ];
  for (const [value, tracks] of table) {
    infos = value;
    assert.deepEqual((await client.play()).infos.map((i) => i.track), tracks, value);
  }
  client.close();
});

test("a track that is not known under its URL is asked for by the other rule", async () => {
  const { client, server } = await connected((r, s) => {
    if (r.method === "DESCRIBE") return `200 OK\nContent-Base: rtsp://h/film\n\n${film}`;
    return r.uri === "rtsp://h/film/t0" ? "404 Not Found" : goodServer(r, s);
  });
  await client.describe();
  await client.setup(0);
  assert.deepEqual(server.requests.slice(1).map((r) => r.uri), ["rtsp://h/film/t0", "rtsp://h/t0"]);
  client.close();
});

test("refusals are sentences, with what the server said", async () => {
  const { client } = await connected((r) => (r.method === "OPTIONS" ? "999 Odd" : "404 Not Found"));
  await assert.rejects(client.describe(), (error: RtspError) => {
    assert.deepEqual([error.status, error.reason, error.response.start], [404, "Not Found", "RTSP/1.0 404 Not Found"]);
    assert.equal(error.message, "The server has nothing at this address. (DESCRIBE: 404 Not Found)");
    return error instanceof RtspError;
  });
  await assert.rejects(client.options(), RtspError);
  client.close();
});

test("what a refusal means is told, and how long to wait", async () => {
  for (const [answer, message] of [
    ["503 Too Many Failed Logins\nRetry-After: 8", "There were too many failed logins. Try again after 8 s. (DESCRIBE: 503 Too Many Failed Logins)"],
    ["503 Service Unavailable\nRetry-After: 5", "The server has too much to do, or the source is gone. Try again after 5 s. (DESCRIBE: 503 Service Unavailable)"],
    ["503 Service Unavailable\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT", "The server has too much to do, or the source is gone. (DESCRIBE: 503 Service Unavailable)"],
    ["502 Source Refuses", "The server does not get it from where it comes from. (DESCRIBE: 502 Source Refuses)"],
    ["403 Forbidden\nRetry-After: 5", "The server does not allow it. (DESCRIBE: 403 Forbidden)"],
  ] as const) {
    const { client } = await connected(() => answer);
    await assert.rejects(client.describe(), { message });
    client.close();
  }
});

test("any request can be made by hand, but no line more than it", async () => {
  const { client, server } = await connected((r) => (r.method === "FLY" ? "501 Not Implemented\n\nno" : undefined));
  const response = await client.request("FLY", "rtsp://h/x", [["X-High", "1"]], "far");
  assert.deepEqual([response.status, Buffer.from(response.body).toString()], [501, "no"]);
  assert.deepEqual([server.requests[0]!.start, headerOf(server.requests[0]!.headers, "x-high")], ["FLY rtsp://h/x RTSP/1.0", "1"]);
  for (const [method, uri] of [["A B", "*"], ["A", "x y"], ["A\r\nB", "*"], ["", "*"], ["A", ""]] as const) await assert.rejects(client.request(method, uri), TypeError);
  await assert.rejects(client.request("A", "*", [["X", "a\r\nEvil: b"]]), TypeError);
  await assert.rejects(client.getParameter(["a\r\nb"]), TypeError);
  await assert.rejects(client.play({ scale: NaN }), RangeError);
  assert.equal(server.requests.length, 1);
  client.close();
});

test("messages are told both ways, as they were", async () => {
  const { client } = await connected();
  const seen: Message[] = [];
  client.on("message", (m) => seen.push(m));
  await client.options();
  assert.deepEqual(seen.map((m) => [m.sent, m.start]), [[true, "OPTIONS rtsp://h:80/film RTSP/1.0"], [false, "RTSP/1.0 200 OK"]]);
  assert.match(seen[0]!.text, /^OPTIONS .*\r\nCSeq: 1\r\nUser-Agent: Baton\r\n\r\n$/s);
  assert.ok(Math.abs(seen[1]!.at - Date.now()) < 60_000);
  client.close();
});

test("an answer without its number answers the oldest request; one that comes too late, none", async () => {
  const { client, server } = await connected((r) => (r.method === "A" ? undefined : "200 OK"), { timeout: 50 });
  const late = client.request("A", "*");
  await assert.rejects(late, /not answered A within 0.05 s/);
  const next = client.request("A", "*");
  server.deliver("RTSP/1.0 404 Late\r\nCSeq: 1\r\n\r\n", "RTSP/1.0 100 Continue\r\nCSeq: 2\r\n\r\n", "RTSP/1.0 200 OK\r\n\r\n");
  assert.equal((await next).status, 200);
  client.close();
});

test("credentials answer a challenge, and only a new one", async () => {
  let nonce = 0;
  const script: Script = (r, s) => {
    const given = /nonce="(\d+)"/.exec(headerOf(r.headers, "Authorization") ?? "")?.[1];
    if (given === String(nonce)) return goodServer(r, s);
    return `401 Unauthorized\nWWW-Authenticate: Digest realm="r", nonce="${nonce}", stale=${given ? "true" : "false"}`;
  };
  const { client, server } = await connected(script, {}, "ws://u:p%21@h/film");
  assert.equal(server.url, url);
  await client.describe();
  await client.setup(0);
  assert.deepEqual(sent(server), ["DESCRIBE", "DESCRIBE", "SETUP"]);
  assert.match(headerOf(server.requests[2]!.headers, "Authorization")!, /username="u".*uri="rtsp:\/\/h:80\/film\/t0"/);
  nonce++;
  await client.play();
  assert.deepEqual(sent(server).slice(3), ["PLAY", "PLAY"]);
  assert.ok(server.requests.every((r) => !r.start.includes("p!") && !r.start.includes("u:")));
  client.close();
});

test("wrong credentials are tried once, also when each answer has another nonce; none are asked for", async () => {
  let nonce = 0;
  const refuse: Script = () => `401 Unauthorized\nWWW-Authenticate: Digest realm="r", nonce="${nonce++}"`;
  const { client, server } = await connected(refuse, { user: "u", password: "wrong" });
  await assert.rejects(client.describe(), /user name or the password is wrong/);
  assert.equal(server.requests.length, 2);
  client.close();
  const { client: nobody } = await connected(refuse);
  await assert.rejects(nobody.describe(), (e: RtspError) => e.status === 401 && /asks for a user name/.test(e.message));
  nobody.close();
  const { client: open } = await connected(() => '401 Unauthorized\nWWW-Authenticate: Basic realm="r"', { user: "u", password: "p" });
  await assert.rejects(open.describe(), /wss/);
  open.close();
});

const auth = 'WWW-Authenticate: Digest realm="r", nonce="1"';

test("redirects are followed, behind the same WebSocket and to another", async () => {
  for (const status of [301, 302, 303, 305]) {
    const { client, sockets } = await connected((r, s) => {
      if (s.url === url) return `${status} Elsewhere\nLocation: ${r.uri.includes("film") ? "rtsp://h:80/other" : "ws://g:8080/third"}`;
      return headerOf(r.headers, "Authorization") ? "500 No" : goodServer(r, s);
    }, { user: "u", password: "p" });
    const { base } = await client.describe();
    assert.equal(base, "rtsp://g:8080/third/");
    assert.deepEqual(sockets.map((s) => [s.url, s.closed, ...s.requests.map((r) => r.uri)]), [
      [url, true, "rtsp://h:80/film", "rtsp://h:80/other"],
      ["ws://g:8080/third", false, "rtsp://g:8080/third"],
    ]);
    client.close();
  }
});

test("credentials stay with their host", async () => {
  for (const [location, known] of [["rtsp://h:80/b", true], ["rtsp://g/b", false], ["ws://h:81/b", false], ["ws://h/film", true]] as const) {
    let sentAway = false;
    const { client, sockets } = await connected((r, s) => {
      if (!sentAway) return (sentAway = true) && `302 Found\nLocation: ${location}`;
      return headerOf(r.headers, "Authorization") ? goodServer(r, s) : `401 Unauthorized\n${auth}`;
    }, { user: "u", password: "p" });
    if (known) await client.describe();
    else await assert.rejects(client.describe(), /asks for a user name/, location);
    const last = sockets.at(-1)!.requests.at(-1)!;
    assert.equal(headerOf(last.headers, "Authorization") !== undefined, known, location);
    client.close();
  }
});

test("redirects without end, to nowhere and out of encryption are errors", async () => {
  const { client, server } = await connected(() => "302 Found\nLocation: rtsp://h/film");
  await assert.rejects(client.describe(), /without end/);
  assert.equal(server.requests.length, 6);
  client.close();
  for (const [location, error] of [["http://h/", /no address/], ["", /no address/], ["ws://h/", /encrypted/]] as const) {
    const { client: next } = await connected(() => `302 Found\nLocation: ${location}`, {}, "wss://h/film");
    await assert.rejects(next.describe(), error);
    next.close();
  }
});

test("a REDIRECT ends the session, and says where to go on", async () => {
  const { client, server } = await ready(goodServer, { user: "u", password: "p", timeout: 1234 });
  await client.play();
  const closed = closing(client);
  server.deliver("REDIRECT rtsp://h/film RTSP/1.0\r\nCSeq: 5\r\nLocation: rtsp://h:80/b\r\nSession: s1\r\n\r\n");
  const error = (await closed) as RedirectError;
  assert.ok(error instanceof RedirectError);
  const { url: nextUrl, options } = error.next;
  assert.deepEqual([nextUrl, options.requestUrl, options.user, options.password, options.timeout, options.redirects], [url, "rtsp://h:80/b", "u", "p", 1234, 1]);
  assert.deepEqual([server.responses[0]!.start, sent(server).at(-1), server.closed, client.state], ["RTSP/1.0 200 OK", "TEARDOWN", true, "closed"]);
});

test("REDIRECTs from one client to the next have an end, unless media comes", async () => {
  let options: ClientOptions = {};
  const round = async (media: boolean) => {
    const { client, server } = await ready(goodServer, options);
    const closed = closing(client);
    if (media) server.deliver(toFrame(0, packet()));
    server.deliver("REDIRECT * RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://h/film\r\n\r\n");
    return closed;
  };
  for (let i = 0; i < 5; i++) options = ((await round(false)) as RedirectError).next.options;
  assert.match((await round(false)).message, /without end/);
  assert.ok((await round(true)) instanceof RedirectError);
});

test("requests of the server are answered", async () => {
  const { client, server } = await ready();
  const asked: string[] = [];
  client.on("request", (r) => asked.push(r.method));
  let name = "";
  client.on("description", (d) => (name = d.name));
  const body = film.replace("Film", "Other");
  const begin = (method: string, cseq: number) => `${method} rtsp://h/film RTSP/1.0\r\nCSeq: ${cseq}\r\nSession: s1\r\n`;
  server.deliver(`${begin("OPTIONS", 1)}\r\n${begin("GET_PARAMETER", 2)}\r\n${begin("ANNOUNCE", 3)}Content-Length: ${body.length}\r\n\r\n${body}`);
  server.deliver(`${begin("ANNOUNCE", 4)}\r\n${begin("FLY", 5)}\r\n`);
  await task();
  await task();
  assert.deepEqual(server.responses.map((r) => [headerOf(r.headers, "CSeq"), r.status, headerOf(r.headers, "Session")]), [
    ["1", 200, "s1"],
    ["2", 200, "s1"],
    ["3", 200, "s1"],
    ["4", 400, "s1"],
    ["5", 501, "s1"],
  ]);
  assert.match(headerOf(server.responses[0]!.headers, "Public")!, /ANNOUNCE, REDIRECT/);
  assert.deepEqual([asked, name], [["OPTIONS", "GET_PARAMETER", "ANNOUNCE", "ANNOUNCE", "FLY"], "Other"]);
  const closed = closing(client);
  server.deliver(`${begin("TEARDOWN", 6)}\r\n`);
  assert.match((await closed).message, /ended the session/);
});

test("the end of the connection is told once, and to all who wait", async () => {
  const { client, server } = await ready((r, s) => (r.method === "PLAY" ? undefined : goodServer(r, s)));
  const ends: string[] = [];
  client.on("close", (e) => ends.push(e.message));
  const playing = client.play();
  server.fire("close", { code: 1006 });
  await assert.rejects(playing, /connection to the server broke/);
  assert.deepEqual([ends, client.state], [["The connection to the server broke."], "closed"]);
  await assert.rejects(client.options(), /no connection/);
  assert.throws(() => client.send(0, false, packet()));
  await client.connect();
  assert.equal(client.state, "init");
  client.close();
  await task();
  assert.equal(ends.length, 1);
});

test("a listener that closes the client when an answer comes leaves it closed", async () => {
  for (const method of ["SETUP", "PLAY", "PAUSE"]) {
    const { client, server } = await connected();
    client.on("message", (m) => m.sent || (server.requests.at(-1)?.method === method && client.close()));
    await assert.rejects(async () => {
      await client.describe();
      await client.setup(0);
      await client.play();
      await client.pause();
    }, /was closed/);
    assert.equal(client.state, "closed");
    assert.throws(() => client.send(0, false, packet()), /not set up/);
  }
});

test("a publisher that is sent elsewhere announces there", async () => {
  const { client, sockets } = await connected((r, s) => (s.url === url ? "302 Found\nLocation: ws://g/up" : goodServer(r, s)));
  await assert.rejects(client.announce("v=0"), /no media/);
  await client.announce(film);
  await client.setup(0);
  assert.deepEqual(sockets.map((s) => s.requests.map((r) => r.start)), [["ANNOUNCE rtsp://h:80/film RTSP/1.0"], ["ANNOUNCE rtsp://g:80/up RTSP/1.0", "SETUP rtsp://g:80/up/t0 RTSP/1.0"]]);
  client.close();
});

test("what is no RTSP ends the connection", async () => {
  const { client, server } = await connected(() => undefined);
  const closed = closing(client);
  const waiting = client.options();
  server.deliver("HTTP/1.1 400 Bad Request\r\n\r\n");
  await assert.rejects(waiting, /no RTSP/);
  assert.match((await closed).message, /no RTSP/);
  assert.equal(server.closed, true);
});

test("what came before the end is not lost with it", async () => {
  const { client, server } = await ready((r, s) => {
    if (r.method !== "PLAY") return goodServer(r, s);
    s.deliver(answerText(r, "200 OK"), toFrame(0, packet(1)));
    s.fire("close", { code: 1001, reason: "going" });
    return undefined;
  });
  const seen: string[] = [];
  client.on("packet", () => seen.push("packet"));
  const closed = closing(client);
  await client.play();
  seen.push(client.state);
  assert.match((await closed).message, /closed the connection \(going\)/);
  assert.deepEqual(seen, ["playing", "packet"]);
  assert.equal(server.closed, true);
});

test("no connection, and one that never comes, are errors", async () => {
  const { socket, sockets } = scripted(() => undefined, false);
  const client = new RtspClient(url, { socket, timeout: 30 });
  const connecting = client.connect();
  await assert.rejects(client.connect(), /already/);
  await assert.rejects(client.options(), /no connection/);
  sockets[0]!.fire("close", { code: 1006 });
  await assert.rejects(connecting, /no connection to the server: it is not there/);
  await assert.rejects(client.connect(), /within 0.03 s/);
  assert.deepEqual([client.state, sockets[1]!.closed], ["closed", true]);
  const again = client.connect();
  client.close();
  await assert.rejects(again);
  const refused = client.connect();
  sockets[3]!.fire("error", {});
  await assert.rejects(refused, /it is not there/);
  assert.throws(() => new RtspClient("rtsp://h/x"), TypeError);
});

test("a session is kept alive by half its timeout, with the method that the server has", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (const lists of [true, false]) {
      const { client, server } = await ready((r, s) => (r.method === "OPTIONS" && !lists ? "200 OK\nPublic: OPTIONS" : goodServer(r, s)));
      if (lists) await client.options();
      const before = server.requests.length;
      mock.timers.tick(29_999);
      assert.equal(server.requests.length, before);
      mock.timers.tick(1);
      await task();
      await task();
      mock.timers.tick(30_000);
      const method = lists ? "GET_PARAMETER" : "OPTIONS";
      assert.deepEqual(server.requests.slice(before).map((r) => [r.method, r.uri, headerOf(r.headers, "Session")]), Array(2).fill([method, "rtsp://h:80/film/", "s1"]));
      client.close();
      mock.timers.tick(120_000);
      assert.equal(server.requests.length, before + 2);
    }
  } finally {
    mock.timers.reset();
  }
});

test("another request is a sign of life too", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { client, server } = await ready();
    mock.timers.tick(20_000);
    await client.play();
    const before = server.requests.length;
    mock.timers.tick(29_999);
    assert.equal(server.requests.length, before);
    mock.timers.tick(1);
    assert.equal(server.requests.length, before + 1);
    client.close();
  } finally {
    mock.timers.reset();
  }
});

test("where timers are slow, media keeps the session alive", async () => {
  let now = 0;
  const { client, server } = await ready(goodServer, { now: () => now });
  const before = server.requests.length;
  for (now of [29_999, 30_000, 30_001, 59_999, 60_000]) {
    server.deliver(toFrame(0, packet()));
    await task();
  }
  assert.equal(server.requests.length, before + 2);
  client.close();
});

test("a keep-alive that is not answered harms nobody; a session that is gone ends the client", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    let answer: string | undefined;
    const { client, server } = await ready((r, s) => (r.method === "OPTIONS" ? answer : goodServer(r, s)));
    mock.timers.tick(30_000);
    mock.timers.tick(29_999);
    await task();
    assert.equal(client.state, "ready");
    const closed = closing(client);
    answer = "454 Session Not Found";
    mock.timers.tick(1);
    assert.match((await closed).message, /does not know the session/);
    assert.equal(server.closed, true);
  } finally {
    mock.timers.reset();
  }
});

test("a request that is not answered is an error, in time", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { client } = await connected(() => undefined);
    const waiting = client.describe();
    mock.timers.tick(10_000);
    await assert.rejects(waiting, /not answered DESCRIBE within 10 s/);
    assert.equal(client.state, "init");
    client.close();
  } finally {
    mock.timers.reset();
  }
});
