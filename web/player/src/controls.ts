import { face } from "./icons.ts";
import type { Player, PlayerState } from "./player.ts";

const speeds = [0.5, 1, 2, 4, -1];
const step = 5; // s, of the arrow keys

/** The bar below the picture, and the big button on it. It is made anew for each player. */
export class Controls {
  readonly bar = document.createElement("div");
  readonly big = document.createElement("button");

  #player: Player;
  #host: HTMLElement;
  #toggle = button("toggle");
  #mute = button("mute");
  #volume = slider("Volume", 1, 0.01);
  #seek = slider("Position", 1, 0.1);
  #time = document.createElement("span");
  #live = document.createElement("span");
  #speed = document.createElement("select");
  #shot = button("shot");
  #full = button("full");
  #dragging = false;

  constructor(player: Player, host: HTMLElement) {
    this.#player = player;
    this.#host = host;
    this.bar.className = "bar";
    this.big.className = "big";
    this.big.type = "button";
    this.#time.className = "time";
    this.#live.className = "live";
    this.#live.textContent = "LIVE";
    this.#speed.ariaLabel = "Speed";
    for (const s of speeds) this.#speed.append(new Option(s < 0 ? "back" : `${s} ×`, String(s), s === 1, s === 1));
    face(this.#shot, "camera", "Save the picture");
    face(this.#full, "full", "Full screen");
    this.bar.append(this.#toggle, this.#live, this.#seek, this.#time, this.#speed, this.#mute, this.#volume, this.#shot, this.#full);
    this.#listen(host);
    this.show(player.state);
  }

  #listen(host: HTMLElement): void {
    const player = this.#player;
    this.big.onclick = () => this.toggle();
    this.#toggle.onclick = () => this.toggle();
    this.#mute.onclick = () => this.mute();
    this.#volume.oninput = () => {
      player.volume = Number(this.#volume.value);
      player.muted = false;
      this.show(player.state);
    };
    this.#seek.oninput = () => {
      this.#dragging = true;
      this.#tell(Number(this.#seek.value));
    };
    this.#seek.onchange = () => {
      this.#dragging = false;
      quiet(player.seek(Number(this.#seek.value)));
    };
    this.#speed.onchange = () => {
      const scale = Number(this.#speed.value);
      quiet(player.play(scale < 0 && player.position !== undefined ? { scale, position: player.position } : { scale }));
    };
    this.#shot.onclick = () => quiet(save(player));
    this.#full.onclick = () => fullScreen(host);
    player.on("position", (p) => this.#tell(p));
    player.on("state", ({ state }) => this.show(state));
    player.on("description", () => this.show(player.state));
  }

  /** What a key does; false: nothing. */
  key(event: KeyboardEvent, host: HTMLElement): boolean {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const player = this.#player;
    switch (event.key) {
      case " ":
      case "k":
        this.toggle();
        return true;
      case "ArrowLeft":
      case "ArrowRight":
        if (player.duration === undefined || player.position === undefined) return false;
        quiet(player.seek(clamp(player.position + (event.key === "ArrowLeft" ? -step : step), player.duration)));
        return true;
      case "ArrowUp":
      case "ArrowDown":
        player.volume += event.key === "ArrowUp" ? 0.1 : -0.1;
        this.show(player.state);
        return true;
      case "m":
        this.mute();
        return true;
      case "f":
        fullScreen(host);
        return true;
    }
    return false;
  }

  toggle(): void {
    const player = this.#player;
    quiet(player.state === "playing" ? player.pause() : player.play());
  }

  mute(): void {
    this.#player.muted = !this.#player.muted;
    this.show(this.#player.state);
  }

  /** Brings everything in line with the state. */
  show(state: PlayerState): void {
    const player = this.#player;
    const plays = state === "playing";
    const label = state === "ended" ? "Play again" : plays ? "Pause" : "Play";
    face(this.#toggle, plays ? "pause" : state === "ended" ? "again" : "play", label);
    face(this.big, state === "ended" ? "again" : "play", state === "ended" ? "Play again" : "Play");
    const covers = !plays && state !== "connecting" && state !== "reconnecting";
    if (!covers && this.big.matches(":focus")) this.#host.focus({ preventScroll: true }); // or it would be nowhere, and the keys with it
    this.big.hidden = !covers;
    this.#toggle.hidden = !this.big.hidden && state === "idle";
    const stored = player.duration !== undefined;
    this.#live.hidden = !player.live;
    this.#live.classList.toggle("on", plays);
    this.#seek.hidden = this.#time.hidden = this.#speed.hidden = !stored;
    if (stored) this.#seek.max = String(player.duration);
    face(this.#mute, player.muted || player.volume === 0 ? "silent" : "sound", player.muted ? "Sound on" : "Mute");
    this.#volume.value = String(player.muted ? 0 : player.volume);
    const pictures = player.description?.media.some((m) => m.kind === "video") ?? false;
    this.#shot.disabled = !pictures || !["playing", "paused", "ended"].includes(state); // what is live has no position, but pictures
    this.bar.hidden = state === "idle" && player.description === undefined;
    this.#tell(player.position ?? 0);
  }

  #tell(position: number): void {
    const total = this.#player.duration;
    if (total === undefined) return;
    if (!this.#dragging) this.#seek.value = String(position);
    this.#seek.style.setProperty("--done", `${(100 * Number(this.#seek.value)) / Math.max(total, 0.001)}%`);
    const text = `${clock(Number(this.#seek.value))} / ${clock(total)}`;
    if (this.#time.textContent === text) return;
    this.#time.textContent = text;
    this.#seek.ariaValueText = text;
  }
}

/** Minutes and seconds, with hours where there are some. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(s / 3600);
  const minutes = Math.floor(s / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

function clamp(position: number, total: number): number {
  return Math.min(Math.max(position, 0), Math.max(total - 0.1, 0));
}

function button(name: string): HTMLButtonElement {
  const b = document.createElement("button");
  b.type = "button";
  b.className = name;
  return b;
}

function slider(label: string, max: number, by: number): HTMLInputElement {
  const input = document.createElement("input");
  input.type = "range";
  input.className = label.toLowerCase();
  input.ariaLabel = label;
  input.min = "0";
  input.max = String(max);
  input.step = String(by);
  return input;
}

/** A failure is told by the player's events already. */
function quiet(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}

async function save(player: Player): Promise<void> {
  const url = URL.createObjectURL(await player.snapshot());
  const link = document.createElement("a");
  link.href = url;
  link.download = `${player.url.split("/").pop()?.split("?")[0] || "picture"}.png`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function fullScreen(host: HTMLElement): void {
  if (document.fullscreenElement) quiet(document.exitFullscreen());
  else quiet(host.requestFullscreen());
}
