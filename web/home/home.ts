import type { Presentations } from "./presentation.ts";
import { View } from "./view.ts";
import { counted } from "./words.ts";

/** How often the list is asked for while somebody looks at it, and while the server does not answer; ms. */
const period = 3000;
const retry = 5000;
/** How long an answer may take, ms. */
const patience = 10_000;
/** How long after a key the search begins, ms: not at every letter of a word. */
const pause = 150;
/** The most rows; search finds the others. */
const limit = 500;

const view = new View(element("groups"));
const search = element("search") as HTMLInputElement;
const status = element("status");
let timer: ReturnType<typeof setTimeout> | undefined;
let running: AbortController | undefined;
/** The browser knows a name and a password; or it is about to ask for them. */
let known = false;
let asking = false;

search.value = new URLSearchParams(location.search).get("q") ?? "";
search.addEventListener("input", () => {
  const query = search.value.trim();
  history.replaceState(null, "", query ? "?q=" + encodeURIComponent(query) : location.pathname);
  after(pause);
});
search.addEventListener("keydown", (e) => {
  const first = view.first();
  if (e.key === "Enter" && !e.isComposing && first) location.assign(first);
});
addEventListener("keydown", (e) => {
  const typing = e.target instanceof HTMLElement && (e.target.isContentEditable || e.target.localName === "input");
  if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    search.select();
    search.focus();
  }
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") void refresh();
});
void refresh();

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

function after(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => void refresh(), ms);
}

/** Asks once and shows the answer. A newer question ends an older one, but not while the browser asks who this is. */
async function refresh(): Promise<void> {
  if (document.visibilityState === "hidden" || asking) return;
  running?.abort();
  const mine = (running = new AbortController());
  const query = search.value.trim();
  try {
    const answer = await ask(query, mine.signal);
    if (!answer.ok) return refused(answer);
    show((await answer.json()) as Presentations, query);
    after(period);
  } catch (e) {
    if (mine.signal.aborted) return;
    known = false;
    say("Baton does not answer. Trying again …", true);
    console.debug(e);
    after(retry);
  }
}

/** Gets the list. If it is for users the browser asks for a name and a password: people may take their time to say it, the server may not. */
async function ask(query: string, signal: AbortSignal): Promise<Response> {
  const url = `/api/v1/presentations?limit=${limit}&search=${encodeURIComponent(query)}`;
  const soon = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  if (known) return fetch(url, { signal: soon });
  const answer = await fetch(url, { credentials: "omit", signal: soon }); // nobody is asked yet
  if (answer.status !== 401) return answer;
  say("This list is for users.", false);
  asking = true;
  try {
    const again = await fetch(url, { signal });
    known = again.ok;
    return again;
  } finally {
    asking = false;
  }
}

/** Says why there is no list, and asks again only if that can help. */
function refused(answer: Response): void {
  known = false;
  const wait = Number(answer.headers.get("Retry-After")) || retry / 1000;
  view.show([]);
  if (answer.status === 401) return say("This list is for users. Reload the page to log in.", true);
  if (answer.status === 403) return say("This user may not play anything here.", true);
  if (answer.status === 429) say(`There were too many failed logins. Trying again after ${wait} s.`, true);
  else say("Baton does not answer. Trying again …", true);
  after(1000 * wait);
}

function show(answer: Presentations, query: string): void {
  const shown = answer.presentations.length;
  view.show(answer.presentations);
  let text = counted(answer.total, "presentation");
  if (query) text = answer.total === 0 ? `Nothing has “${query}” in its path` : `${text} with “${query}” in the path`;
  if (shown < answer.total) text += `, the first ${shown} are shown`;
  say(text, false);
}

/** The line is read out when it changes, so it says nothing that changes all the time. */
function say(text: string, wrong: boolean): void {
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("wrong", wrong);
}
