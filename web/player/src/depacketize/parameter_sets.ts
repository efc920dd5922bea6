import { joined, sameBytes } from "./assembly.ts";

/** Parameter sets of H.264 and H.265: the newest of each kind and number, and which of them no decoder was told of yet. */
export class ParameterSets {
  readonly #sets = new Map<string, Uint8Array>();
  readonly #untold = new Set<string>();

  /** Keeps a set. Those too large to be one are forgotten; the numbers are bound by the formats, so is the memory. */
  keep(kind: number, id: number, nal: Uint8Array): void {
    if (nal.length > 4096) return;
    const name = `${kind}/${id}`;
    const known = this.#sets.get(name);
    if (known !== undefined && sameBytes(known, nal)) return;
    this.#sets.delete(name); // the newest is the last
    this.#sets.set(name, nal.slice());
    this.#untold.add(name);
  }

  /** All of a kind, the newest last. */
  all(kind: number): Uint8Array[] {
    return [...this.#sets].filter(([name]) => name.startsWith(`${kind}/`)).map(([, nal]) => nal);
  }

  get changed(): boolean {
    return this.#untold.size > 0;
  }

  /** The configuration has them all. */
  told(): void {
    this.#untold.clear();
  }

  /** Sets that the configuration does not have, to go in front of a picture, with their lengths. */
  takeUntold(): Uint8Array {
    const nals = [...this.#untold].map((name) => this.#sets.get(name)!);
    this.#untold.clear();
    return joined(...nals.flatMap((nal) => [length32(nal.length), nal]));
  }
}

function length32(n: number): number[] {
  return [n >>> 24, (n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff];
}
