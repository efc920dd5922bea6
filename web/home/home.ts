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

/** Asks once and shows the answer. A newer question ends an older one. */
async function refresh(): Promise<void> {
  if (document.visibilityState === "hidden") return;
  running?.abort();
  const mine = (running = new AbortController());
  const query = search.value.trim();
  try {
    const signal = AbortSignal.any([mine.signal, AbortSignal.timeout(patience)]);
    const answer = await fetch(`/api/v1/presentations?limit=${limit}&search=${encodeURIComponent(query)}`, { signal });
    if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
    show((await answer.json()) as Presentations, query);
    after(period);
  } catch (e) {
    if (mine.signal.aborted) return;
    say("Baton does not answer. Trying again …", true);
    console.debug(e);
    after(retry);
  }
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
