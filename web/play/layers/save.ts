import { Pcapng, type Endpoint } from "../../player/src/element.ts";
import type { Seen } from "./seen.ts";

/** Where what the page itself exchanges is said to have gone: a browser tells no addresses. Wireshark knows RTSP by port 554. */
const page = "192.0.2.1:50000";
const server = "192.0.2.2:554";

/** Makes a file for Wireshark of what was seen. */
export function recording(all: Seen[]): Blob {
  const file = new Pcapng();
  for (const s of all) {
    const protocol = s.kind !== "message" && s.lower === "UDP" ? "udp" : "tcp";
    const [local, remote] = s.lower === "UDP" || s.remote.includes(":") && s.local.includes(":") ? [s.local, s.remote] : [page, server];
    try {
      const [here, there] = [endpoint(local, protocol), endpoint(remote, protocol)];
      const bytes = s.kind === "message" || protocol === "udp" ? s.data : framed(s);
      file.add(s.at / 1000, s.sent ? here : there, s.sent ? there : here, bytes);
    } catch {
      continue; // an address that is none
    }
  }
  return new Blob([...file.parts] as BlobPart[], { type: "application/x-pcapng" });
}

/** A packet as it lies between the messages of RTSP (RFC 2326 section 10.12). */
function framed(s: Seen): Uint8Array {
  const b = new Uint8Array(4 + s.data.length);
  b.set([0x24, s.channel, s.data.length >> 8, s.data.length & 255]);
  b.set(s.data, 4);
  return b;
}

function endpoint(text: string, protocol: "tcp" | "udp"): Endpoint {
  const colon = text.lastIndexOf(":");
  return { address: text.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(text.slice(colon + 1)), protocol };
}
