// Records what Baton sends of a file. This is for AV1, which not every ffmpeg can put in RTP.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";

const repository = new URL("../../../..", import.meta.url).pathname;
const port = 18554;

/** Plays a file of a folder, and returns its packets and their description. */
export async function recordFromBaton(folder, file) {
  const flags = ["--rtsp", `127.0.0.1:${port}`, "--udp", "0", "--http", "off", "--api", "127.0.0.1:0"];
  const build = spawn("go", ["build", "-o", join(folder, "baton"), "./cmd/baton"], { cwd: repository, stdio: "inherit" });
  await once(build, "exit");
  const server = spawn(join(folder, "baton"), [...flags, "--media", folder, "--state", folder], { stdio: ["ignore", "pipe", "pipe"] });
  await Promise.race([once(server.stdout, "data"), once(server.stderr, "data")]); // it says that it listens
  try {
    return await play(`rtsp://127.0.0.1:${port}/${file}`);
  } finally {
    server.kill();
    await once(server, "exit");
  }
}

async function play(url) {
  const socket = connect(port, "127.0.0.1");
  const messages = read(socket);
  const ask = async (method, target, headers = "") => {
    socket.write(`${method} ${target} RTSP/1.0\r\nCSeq: 1\r\n${headers}\r\n`);
    for (;;) {
      const { value: message } = await messages.next();
      if (message.text) return message;
    }
  };
  const { text, body: sdp } = await ask("DESCRIBE", url);
  const base = /Content-Base: *(\S+)/i.exec(text)?.[1] ?? url;
  const control = new URL(/m=[^]*a=control:(\S+)/.exec(sdp)[1], base).href;
  const setup = await ask("SETUP", control, "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
  const session = `Session: ${/Session: *([^;\r]+)/i.exec(setup.text)[1]}\r\n`;
  await ask("PLAY", base, session);
  const packets = [];
  for (;;) {
    const { value: message } = await messages.next();
    if (message.channel === 0) packets.push(message.packet);
    // A compound packet with BYE (203): the file is at its end.
    if (message.channel === 1 && message.packet.includes(Buffer.from([0x81, 203]))) break;
  }
  socket.destroy();
  return { packets, sdp };
}

/** Responses as { text, body }, and frames as { channel, packet }. */
async function* read(socket) {
  let rest = Buffer.alloc(0);
  for await (const data of socket) {
    rest = Buffer.concat([rest, data]);
    for (let message; (message = first(rest)); rest = rest.subarray(message.length)) yield message;
  }
}

function first(bytes) {
  if (bytes[0] === 0x24) {
    const length = bytes.length < 4 ? Infinity : 4 + bytes.readUInt16BE(2);
    if (length > bytes.length) return undefined;
    return { length, channel: bytes[1], packet: Buffer.from(bytes.subarray(4, length)) };
  }
  const end = bytes.indexOf("\r\n\r\n") + 4;
  if (end < 4) return undefined;
  const text = bytes.subarray(0, end).toString();
  const length = end + Number(/Content-Length: *(\d+)/i.exec(text)?.[1] ?? 0);
  return length > bytes.length ? undefined : { length, text, body: bytes.subarray(end, length).toString() };
}
