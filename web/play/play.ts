import { addressOf, BatonPlayer, type Player, type PlayerState } from "../player/src/element.ts";
import { show } from "./facts.ts";
import { gatewaySend, ownSend } from "./layers/console.ts";
import { Own } from "./layers/own.ts";
import { Panel } from "./layers/panel.ts";
import { Trace } from "./layers/trace.ts";
import { Login } from "./login.ts";
import { Publish } from "./publish.ts";

/** The page /play/PATH: the player, the methods one by one, and what is played. */

const path = decodeURIComponent(location.pathname.replace(/^\/play\//, ""));
const element = document.getElementById("player") as BatonPlayer;
const status = document.getElementById("status")!;
const facts = document.getElementById("facts")!;
const login = new Login();

function start(): void {
  document.getElementById("name")!.textContent = path;
  document.title = path === "" ? "Baton" : `${path} – Baton`;
  if (path === "") {
    status.textContent = "There is no name in the address: /play/ and the name of what is to be played.";
    return;
  }
  const options = new URLSearchParams(location.search);
  if (options.has("mse")) element.setAttribute("mse", ""); // for tests, and for who wants to compare
  options.delete("mse");
  const gateway = options.has("trace"); // baton play tells what it exchanges
  options.delete("trace");
  const query = options.size > 0 ? `?${options}` : "";
  element.addEventListener("player", (e) => attend((e as CustomEvent<Player>).detail, gateway));
  element.setAttribute("src", `/${path.split("/").map(encodeURIComponent).join("/")}${query}`);
  if (!gateway) {
    const { socket, request } = addressOf(element.getAttribute("src")!, new URL(location.href));
    document.querySelector("main")!.append(new Publish(socket, request, login).element);
  }
  element.focus({ preventScroll: true });
}

function attend(player: Player, gateway: boolean): void {
  const panel = new Panel(player, gateway ? new Trace() : new Own(player), gateway ? gatewaySend : ownSend(player));
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
