import { Fields, hex, type Part } from "./fields.ts";

const names: Record<number, string> = {
  200: "Sender report", 201: "Receiver report", 202: "Source description", 203: "Goodbye", 204: "Application", 205: "Transport feedback", 206: "Payload feedback",
  207: "Extended report",
};

/** The packets of an RTCP compound (RFC 3550 section 6). */
export function rtcp(b: Uint8Array): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at + 4 <= b.length; ) {
    const size = 4 * (((b[at + 2]! << 8) | b[at + 3]!) + 1);
    parts.push(one(b.subarray(0, Math.min(at + size, b.length)), at));
    at += size;
  }
  return parts;
}

/** One line about a compound. */
export function summary(b: Uint8Array): string {
  return rtcp(b).map((p) => p.name).join(", ");
}

function one(b: Uint8Array, at: number): Part {
  const f = new Fields(b, at);
  f.take("version", 2);
  f.take("padding", 1);
  const count = f.take("count", 5);
  const type = f.take("packet type", 8);
  f.take("length", 16, (n) => `${4 * (n + 1)} bytes`);
  switch (type) {
    case 200:
      f.take("SSRC", 32, hex);
      ntp(f);
      f.take("RTP timestamp", 32);
      f.take("packets", 32);
      f.take("bytes", 32);
      reports(f, count);
      break;
    case 201:
      f.take("SSRC", 32, hex);
      reports(f, count);
      break;
    case 202:
      f.take("SSRC", 32, hex);
      f.take("item", 8, (n) => (n === 1 ? "1 CNAME" : String(n)));
      f.bytes("text", Math.max(f.take("text length", 8), 0), (t) => new TextDecoder().decode(t));
      break;
    case 203:
      for (let i = 0; i < count; i++) f.take("SSRC", 32, hex);
      f.bytes("reason", Math.max(f.take("reason length", 8), 0), (t) => new TextDecoder().decode(t));
      break;
    default:
      f.take("SSRC", 32, hex);
  }
  return { name: names[type] ?? `Type ${type}`, fields: f.list };
}

function ntp(f: Fields): void {
  const epoch = 2208988800; // from 1900 to 1970, in s
  f.take("NTP seconds", 32, (n) => `${n} (${new Date(1000 * (n - epoch)).toISOString().slice(0, 19)}Z)`);
  f.take("NTP fraction", 32, (n) => `${n} (${(1000 * (n / 2 ** 32)).toFixed(3)} ms)`);
}

function reports(f: Fields, count: number): void {
  for (let i = 0; i < count; i++) {
    f.take("about SSRC", 32, hex);
    f.take("fraction lost", 8, (n) => `${n} (${((100 * n) / 256).toFixed(1)} %)`);
    f.take("lost in all", 24);
    f.take("highest sequence number", 32);
    f.take("jitter", 32);
    f.take("last report", 32, hex);
    f.take("since then", 32, (n) => `${((1000 * n) / 65536).toFixed(1)} ms`);
  }
}
