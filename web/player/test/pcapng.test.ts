import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Endpoint, Pcapng } from "../src/pcapng.ts";
import { addressBytes } from "../src/pcapng/address.ts";
import { absent, inFolder } from "./support/ffmpeg.ts";

const tcp = (address: string, port: number): Endpoint => ({ address, port, protocol: "tcp" });
const udp = (address: string, port: number): Endpoint => ({ address, port, protocol: "udp" });
const bytes = (text: string) => new TextEncoder().encode(text);

test("addresses in words become bytes", () => {
  const hex = (text: string) => Buffer.from(addressBytes(text)).toString("hex");
  assert.equal(hex("192.0.2.255"), "c00002ff");
  assert.equal(hex("::"), "0".repeat(32));
  assert.equal(hex("::1"), "0".repeat(31) + "1");
  assert.equal(hex("2001:db8::"), "20010db8" + "0".repeat(24));
  assert.equal(hex("2001:DB8:1:2:3:4:5:6"), "20010db8000100020003000400050006");
  assert.equal(hex("::ffff:192.0.2.1"), "00000000000000000000ffffc0000201");
  for (const text of ["", "1.2.3", "1.2.3.256", "example.com", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7::8", "12345::", "1.2.3.4::"]) {
    assert.throws(() => addressBytes(text), RangeError, text);
  }
});

test("blocks are whole words, and begin and end with their length", () => {
  const recording = new Pcapng();
  for (let size = 0; size < 5; size++) recording.add(1, udp("192.0.2.1", 1), udp("192.0.2.2", 2), new Uint8Array(size));
  const file = Buffer.concat(recording.parts);
  assert.equal(file.length, recording.size);
  const types: number[] = [];
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32BE(at + 4);
    assert.equal(length % 4, 0);
    assert.equal(file.readUInt32BE(at + length - 4), length);
    types.push(file.readUInt32BE(at));
    at += length;
  }
  assert.deepEqual(types, [0x0a0d0d0a, 1, 6, 6, 6, 6, 6]);
});

test("a file that is full takes nothing more, and says so", () => {
  const recording = new Pcapng(2000);
  for (let i = 0; i < 100; i++) recording.add(i, tcp("192.0.2.1", 1), tcp("192.0.2.2", 554), new Uint8Array(i === 0 ? 1800 : 1));
  assert.equal(recording.omitted, 100, "a hole in front of what follows");
  const other = new Pcapng(2000);
  for (let i = 0; i < 100; i++) other.add(i, tcp("192.0.2.1", 1), tcp("192.0.2.2", 554), new Uint8Array(70));
  assert.ok(other.size <= 2000 && other.size > 1400, `${other.size}`);
  assert.ok(other.omitted > 80 && other.omitted < 100);
});

test("what is no packet is refused", () => {
  const recording = new Pcapng();
  assert.throws(() => recording.add(0, udp("192.0.2.1", 1), tcp("192.0.2.2", 2), bytes("")), RangeError);
  assert.throws(() => recording.add(0, udp("camera", 1), udp("192.0.2.2", 2), bytes("")), RangeError);
  assert.throws(() => recording.add(0, udp("192.0.2.1", 1), udp("192.0.2.2", 2), new Uint8Array(65508)), RangeError);
  assert.equal(recording.parts.length, 1);
});

/** What tshark finds in a recording: a row for each packet that the filter takes, with these fields. */
function dissect(recording: Pcapng, filter: string, fields: string[], ...more: string[]): string[][] {
  return inFolder((folder) => {
    const file = join(folder, "recording.pcapng");
    writeFileSync(file, Buffer.concat(recording.parts));
    const checks = ["ip", "tcp", "udp"].flatMap((protocol) => ["-o", `${protocol}.check_checksum:TRUE`]);
    const columns = fields.flatMap((field) => ["-e", field]);
    const args = ["-r", file, "-Y", filter, "-T", "fields", ...checks, ...columns, ...more];
    const rows = execFileSync("tshark", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return rows.split("\n").filter((row) => row !== "").map((row) => row.split("\t"));
  });
}

const wrong = "_ws.malformed || _ws.expert.severity >= 0x600000 || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0";

/** An RTP packet of PCMU with that sequence number. */
function rtp(sequence: number, size = 160): Uint8Array {
  return Uint8Array.of(0x80, 0, sequence >> 8, sequence & 255, 0, 0, 0, 0, 0, 0, 0, 7, ...new Uint8Array(size).fill(0xff));
}

const interleaved = (channel: number, packet: Uint8Array) => Uint8Array.of(0x24, channel, packet.length >> 8, packet.length & 255, ...packet);

/** A dialogue over TCP between these addresses: a response in two pieces, and media between responses. */
function dialogue(client: Endpoint, server: Endpoint): Pcapng {
  const recording = new Pcapng();
  const url = "rtsp://camera.example/street";
  const transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n";
  const frames = Buffer.concat([interleaved(0, rtp(1)), interleaved(0, rtp(2))]);
  const said: [boolean, Uint8Array][] = [
    [true, bytes(`OPTIONS ${url} RTSP/1.0\r\nCSeq: 1\r\n\r\n`)],
    [false, bytes("RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: DESC")],
    [false, bytes("RIBE, SETUP, PLAY\r\n\r\n")],
    [true, bytes(`SETUP ${url} RTSP/1.0\r\nCSeq: 2\r\n${transport}\r\n`)],
    [false, bytes(`RTSP/1.0 200 OK\r\nCSeq: 2\r\nSession: 42\r\n${transport}\r\n`)],
    [true, bytes(`PLAY ${url} RTSP/1.0\r\nCSeq: 3\r\nSession: 42\r\n\r\n`)],
    [false, bytes("RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 42\r\n\r\n")],
    [false, frames.subarray(0, 250)],
    [false, frames.subarray(250)],
    [false, interleaved(0, rtp(3))],
  ];
  said.forEach(([asks, payload], i) => recording.add(1700000000.25 + i / 1000, asks ? client : server, asks ? server : client, payload));
  return recording;
}

const skip = absent("tshark");

for (const [name, client, server] of [["IPv4", "192.0.2.7", "192.0.2.9"], ["IPv6", "2001:db8::7", "2001:db8::9"], ["both", "192.0.2.7", "2001:db8::9"]] as const) {
  test(`tshark reads RTSP and its interleaved media over ${name}`, { skip }, () => {
    const recording = dialogue(tcp(client, 50000), tcp(server, 554));
    assert.deepEqual(dissect(recording, wrong, ["frame.number", "_ws.expert.message"]), []);
    assert.deepEqual(dissect(recording, "rtsp.method", ["rtsp.method"]).flat(), ["OPTIONS", "SETUP", "PLAY"]);
    assert.deepEqual(dissect(recording, "rtsp.status", ["rtsp.status"]).flat(), ["200", "200", "200"]);
    const sequences = dissect(recording, "rtp", ["rtp.seq"]).flat().flatMap((row) => row.split(","));
    assert.deepEqual(sequences, ["1", "2", "3"]);
  });
}

test("tshark sees a handshake, and times to the microsecond", { skip }, () => {
  const recording = dialogue(tcp("192.0.2.7", 50000), tcp("192.0.2.9", 554));
  const rows = dissect(recording, "tcp", ["frame.time_epoch", "tcp.flags.str", "tcp.seq", "tcp.ack"]);
  assert.deepEqual(rows.slice(0, 4).map((row) => row[1]!.replace(/[^SAP]/g, "")), ["S", "AS", "A", "AP"]);
  assert.deepEqual(rows[3]!.slice(2), ["1", "1"]);
  assert.equal(Number(rows[4]![0]), 1700000000.251);
});

test("tshark puts a payload together that needs several segments", { skip }, () => {
  const recording = new Pcapng();
  const response = bytes(`RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 200000\r\n\r\n${"x".repeat(200_000)}`);
  recording.add(1, tcp("192.0.2.9", 554), tcp("192.0.2.7", 50000), response);
  assert.deepEqual(dissect(recording, wrong, ["frame.number"]), []);
  assert.deepEqual(dissect(recording, "rtsp.status", ["rtsp.status", "tcp.reassembled.length"]), [["200", `${response.length}`]]);
});

for (const [name, from, to] of [["IPv4", "192.0.2.9", "192.0.2.7"], ["IPv6", "2001:db8::9", "2001:db8::7"]] as const) {
  test(`tshark reads RTP over UDP over ${name}, of odd and even sizes`, { skip }, () => {
    const recording = new Pcapng();
    for (let i = 0; i < 4; i++) recording.add(1 + i / 50, udp(from, 6970), udp(to, 5000), rtp(65534 + i, 160 + i));
    const as = ["-d", "udp.port==5000,rtp"];
    assert.deepEqual(dissect(recording, wrong, ["frame.number"], ...as), []);
    assert.deepEqual(dissect(recording, "rtp", ["rtp.seq"], ...as).flat(), ["65534", "65535", "0", "1"]);
    assert.deepEqual(dissect(recording, "udp.checksum.status == 1", ["udp.length"], ...as).length, 4);
  });
}
