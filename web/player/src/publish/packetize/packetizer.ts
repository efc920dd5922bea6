/** Cuts one encoded unit into the payloads of its RTP packets, in order. They may be views of the unit. */
export type Packetizer = (unit: Uint8Array, key: boolean) => Uint8Array[];

/** The largest payload, in bytes: with the header of RTP, UDP, IPv6 and a tunnel or two it passes everywhere. */
export const maxPayload = 1200 - 12;

/** Cuts bytes into as few parts as a limit allows, of about equal size: the network likes no crumbs. */
export function parts(bytes: Uint8Array, most: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / most);
  const size = Math.ceil(bytes.length / Math.max(count, 1));
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}
