import { grouped, nameOf, pageOf, type Group } from "./groups.ts";
import type { Presentation } from "./presentation.ts";
import { bitRate, readers, state, track } from "./words.ts";

/** The list in the page. Elements stay as long as what they show is there: focus and selection survive news. */
export class View {
  readonly #root: HTMLElement;
  #sections = new Map<string, Section>();
  #rows = new Map<string, Row>();

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  show(list: Presentation[]): void {
    const rows = new Map<string, Row>();
    const sections = new Map<string, Section>();
    for (const group of grouped(list)) {
      const key = group.folder ? "folder:" + group.folder : group.title;
      const section = this.#sections.get(key) ?? new Section(sections.size);
      sections.set(key, section);
      for (const p of group.presentations) {
        const row = this.#rows.get(p.path) ?? new Row();
        row.show(p);
        rows.set(p.path, row);
      }
      section.show(group, group.presentations.map((p) => rows.get(p.path)!.element));
    }
    this.#rows = rows;
    this.#sections = sections;
    arrange(this.#root, [...sections.values()].map((s) => s.element));
  }

  /** The address of the first row that can be played. */
  first(): string | undefined {
    return this.#root.querySelector<HTMLAnchorElement>("a.row")?.href;
  }
}

/** A heading, and the rows below it. */
class Section {
  readonly element = make("section");
  readonly #title = make("span");
  readonly #count = make("span", "count");
  readonly #list = make("ul");

  constructor(n: number) {
    const heading = make("h2");
    heading.id = `group-${n}-${Math.random().toString(36).slice(2)}`;
    heading.append(this.#title, this.#count);
    this.element.setAttribute("aria-labelledby", heading.id);
    this.#list.setAttribute("role", "list"); // some readers forget it where there are no bullets
    this.element.append(heading, this.#list);
  }

  show(group: Group, rows: HTMLElement[]): void {
    write(this.#title, group.title.split("/").join(" / "));
    write(this.#count, String(rows.length));
    arrange(this.#list, rows);
  }
}

/** A presentation: a link to the page that plays it, unless it cannot be played. */
class Row {
  readonly element = make("li");
  readonly #name = make("span", "name");
  readonly #title = make("span");
  readonly #state = make("span", "state");
  readonly #made = make("span", "made");
  readonly #rate = make("span", "size");
  readonly #readers = make("span", "readers");
  #link: HTMLElement | undefined;

  show(p: Presentation): void {
    write(this.#title, nameOf(p));
    write(this.#state, state(p));
    this.#tracks(p.tracks.map(track));
    write(this.#rate, bitRate(p.bitRate));
    write(this.#readers, readers(p.readers));
    const live = p.active && (p.kind === "live" || p.kind === "source" || p.kind === "clock");
    this.#state.classList.toggle("live", live);
    this.#readers.classList.toggle("some", p.readers > 0);
    this.element.classList.toggle("broken", p.broken === true);
    this.#wrap(p);
  }

  #tracks(texts: string[]): void {
    while (this.#made.children.length > texts.length) this.#made.lastChild?.remove();
    texts.forEach((text, i) => {
      const span = this.#made.children[i] ?? this.#made.appendChild(make("span"));
      write(span as HTMLElement, text);
    });
  }

  #wrap(p: Presentation): void {
    const tag = p.broken ? "div" : "a";
    if (this.#link?.localName !== tag) {
      this.#link = make(tag, "row");
      this.#name.replaceChildren(this.#title, " ", this.#state);
      this.#link.append(this.#name, " ", this.#made, " ", this.#rate, " ", this.#readers);
      this.element.replaceChildren(this.#link);
    }
    if (this.#link instanceof HTMLAnchorElement && this.#link.getAttribute("href") !== pageOf(p)) this.#link.href = pageOf(p);
  }
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, name = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (name) element.className = name;
  return element;
}

/** Text that has not changed is left alone: a selection in it stays. */
function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Has a parent hold exactly these children, and moves only those that are elsewhere. */
function arrange(parent: HTMLElement, children: HTMLElement[]): void {
  const wanted = new Set<Element>(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, i) => {
    if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null);
  });
}
