import { addressOf, BatonPlayer, type Player, type PlayerState } from "../player/src/element.ts";
import { show } from "./facts.ts";
import { gatewaySend, ownSend } from "./layers/console.ts";
import { Own } from "./layers/own.ts";
import { Panel } from "./layers/panel.ts";
import { Trace } from "./layers/trace.ts";
import { Login } from "./login.ts";
import { placeOf } from "./place.ts";
import { Publish } from "./publish.ts";

/** The page /play/PATH: the player, the methods one by one, and what is played. */

const element = document.getElementById("player") as BatonPlayer;
const status = document.getElementById("status")!;
const facts = document.getElementById("facts")!;
const login = new Login();

// In which room the page of `baton play` is, for this browser alone: what is stored belongs to one port, as cookies do not.
const stored = "room";

function start(): void {
  const place = placeOf(location.pathname);
  if (!place) {
    comeBack();
    return;
  }
  const { room, path } = place;
  document.getElementById("name")!.textContent = path;
  document.title = path === "" ? "Baton" : `${path} – Baton`;
  if (path === "") {
    status.textContent = "There is no name in the address: /play/ and the name of what is to be played.";
    return;
  }
  const options = new URLSearchParams(location.search);
  if (options.has("mse")) element.setAttribute("mse", ""); // for tests, and for who wants to compare
  options.delete("mse");
  const query = options.size > 0 ? `?${options}` : "";
  if (room !== "") {
    localStorage.setItem(stored, location.pathname + location.search);
    element.setAttribute("gateway", `ws://${location.host}${room}/rtsp`);
    document.querySelector<HTMLAnchorElement>("a.brand")!.href = `${room}/`;
  }
  element.addEventListener("player", (e) => attend((e as CustomEvent<Player>).detail, room));
  element.setAttribute("src", `/${path.split("/").map(encodeURIComponent).join("/")}${query}`);
  if (room === "") {
    const { socket, request } = addressOf(element.getAttribute("src")!, new URL(location.href));
    document.querySelector("main")!.append(new Publish(socket, request, login).element);
  }
  element.focus({ preventScroll: true });
}

/** The address that baton play has printed counts once; who came by it goes on from there. */
function comeBack(): void {
  const room = localStorage.getItem(stored);
  if (room !== null && placeOf(new URL(room, location.href).pathname)) location.replace(room);
  else status.textContent = "Open the address that baton play has printed. It works once, in one browser.";
}

/** room: of baton play, which tells what it exchanges; "": the page is the server's own. */
function attend(player: Player, room: string): void {
  const panel = new Panel(player, room === "" ? new Own(player) : new Trace(room), room === "" ? ownSend(player) : gatewaySend(room));
  document.querySelector("main")!.append(panel.element);

  const methods: Record<string, () => Promise<unknown>> = {
    setup: () => player.setup(),
    play: () => player.play(),
    pause: () => player.pause(),
    teardown: () => player.teardown(),
  };
  for (const [id, method] of Object.entries(methods)) {
    document.getElementById(id)!.onclick = () => void method().catch(() => undefined); // the state says it
  }
  player.on("state", ({ state, sentence }) => {
    status.textContent = sentence;
    status.classList.toggle("bad", state === "failed" || state === "reconnecting");
    allow(state);
  });
  player.on("error", (e) => {
    login.ask(e, ({ user, password }) => {
      element.focus({ preventScroll: true });
      player.login(user, password);
      player.play().catch(() => undefined); // the state says it
    });
  });
  player.on("stats", (stats) => show(facts, player, stats));
  player.on("description", () => show(facts, player, undefined));
  allow(player.state);
}

/** Which methods make sense in a state (RFC 2326 appendix A). */
function allow(state: PlayerState): void {
  const may: Record<string, boolean> = {
    setup: ["idle", "failed"].includes(state),
    play: ["idle", "ready", "paused", "ended", "failed"].includes(state),
    pause: state === "playing",
    teardown: ["ready", "playing", "paused", "ended"].includes(state),
  };
  for (const [id, on] of Object.entries(may)) (document.getElementById(id) as HTMLButtonElement).disabled = !on;
}

start();
