import type { Media } from "../../player/src/element.ts";
import { el } from "./dom.ts";
import { isKey } from "./payload.ts";
import { head } from "./rtp.ts";
import type { Seen } from "./seen.ts";

const span = 8000; // ms that are shown
const most = 20_000; // packets that are kept
const rowHeight = 34;

/** Packets over time, a row for each track: as high as they are large, key pictures in another colour, RTCP below. Click one. */
export class Strip {
  readonly element = el("canvas", { class: "strip", tabindex: "0", role: "img", "aria-label": "Packets over time; the arrow keys go from one to the next" });
  frozen = false;
  selected: Seen | undefined;
  #packets: { seen: Seen; key: boolean; marker: boolean }[] = [];
  #media: () => Media[];
  #select: (s: Seen) => void;
  #now = 0; // right edge

  constructor(media: () => Media[], select: (s: Seen) => void) {
    this.#media = media;
    this.#select = select;
    this.element.addEventListener("click", (e) => this.#click(e));
    this.element.addEventListener("keydown", (e) => this.#key(e));
  }

  /** The packets that are kept, the oldest first. */
  get packets(): Seen[] {
    return this.#packets.map((p) => p.seen);
  }

  see(s: Seen): void {
    const h = s.kind === "rtp" ? head(s.data) : undefined;
    const key = h !== undefined && isKey(s.data, 12 + 4 * (s.data[0]! & 15), this.#media()[s.track]?.encoding ?? "");
    this.#packets.push({ seen: s, key, marker: h?.marker ?? false });
    if (this.#packets.length > most) this.#packets.splice(0, most / 10);
  }

  draw(): void {
    const canvas = this.element;
    const scale = devicePixelRatio;
    const rows = Math.max(this.#media().length, 1);
    const [width, height] = [canvas.clientWidth, rows * rowHeight + 8];
    canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    if (!this.frozen) this.#now = this.#packets.at(-1)?.seen.at ?? 0;
    const c = canvas.getContext("2d")!;
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.clearRect(0, 0, width, height);
    const colour = colours(canvas);
    for (let r = 0; r < rows; r++) {
      c.fillStyle = colour.line;
      c.fillRect(0, r * rowHeight + rowHeight, width, 1);
    }
    for (let i = this.#packets.length - 1; i >= 0; i--) {
      const { seen, key, marker } = this.#packets[i]!;
      const x = this.#x(seen.at, width);
      if (x < 0) break;
      if (x > width) continue;
      const base = Math.max(seen.track, 0) * rowHeight + rowHeight;
      const size = Math.max(3, Math.min(seen.data.length / 1500, 1) * (rowHeight - 8));
      c.fillStyle = seen === this.selected ? colour.text : seen.kind === "rtcp" ? colour.soft : key ? colour.accent : colour.packet;
      if (seen.kind === "rtcp") c.fillRect(x - 2, base + 2, 4, 4);
      else c.fillRect(x, base - size, seen === this.selected ? 3 : marker ? 2 : 1, size);
    }
  }

  #x(at: number, width: number): number {
    return width - ((this.#now - at) / span) * width;
  }

  #click(e: MouseEvent): void {
    const width = this.element.clientWidth;
    const track = Math.floor(e.offsetY / rowHeight);
    let best: Seen | undefined;
    let nearest = 8; // pixels
    for (const { seen } of this.#packets) {
      const d = Math.abs(this.#x(seen.at, width) - e.offsetX);
      if (d < nearest && Math.max(seen.track, 0) === track) [best, nearest] = [seen, d];
    }
    if (best) this.#choose(best);
  }

  #key(e: KeyboardEvent): void {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    e.preventDefault();
    e.stopPropagation();
    const at = this.#packets.findIndex((p) => p.seen === this.selected);
    const next = at < 0 ? this.#packets.at(-1) : this.#packets[at + (e.key === "ArrowLeft" ? -1 : 1)];
    if (next) this.#choose(next.seen);
  }

  #choose(s: Seen): void {
    this.selected = s;
    this.frozen = true;
    this.draw();
    this.#select(s);
  }
}

function colours(e: Element): { line: string; text: string; soft: string; accent: string; packet: string } {
  const style = getComputedStyle(e);
  const value = (name: string) => style.getPropertyValue(name).trim();
  return { line: value("--strip-line"), text: style.color, soft: value("--strip-soft"), accent: value("--strip-key"), packet: value("--strip-packet") };
}
