import type { Presentation } from "./presentation.ts";

/** A group of presentations under one heading. */
export interface Group {
  title: string;
  /** The folder's path; empty where the group is none. */
  folder: string;
  presentations: Presentation[];
}

/** Groups what there is in the order in which people look: what is live, what can be pulled, the media folder and those in it, what comes along. */
export function grouped(list: Presentation[]): Group[] {
  const groups = new Map<string, Group>();
  for (const p of list) {
    const key = keyOf(p);
    const group = groups.get(key);
    if (group) group.presentations.push(p);
    else groups.set(key, { title: titles[key] ?? p.folder, folder: p.kind === "stored" ? p.folder : "", presentations: [p] });
  }
  return [...groups].sort(([a], [b]) => rank(a) - rank(b) || collator.compare(a, b)).map(([, group]) => {
    group.presentations.sort((a, b) => collator.compare(a.path, b.path));
    return group;
  });
}

function rank(key: string): number {
  return ["live", "source", "folder:", "builtin"].indexOf(key.startsWith("folder:") ? "folder:" : key);
}

/** People count 2 before 10. */
const collator = new Intl.Collator("en", { numeric: true });

const titles: Record<string, string> = {
  live: "Published now", source: "Cameras and other sources", "folder:": "Media folder", builtin: "Comes with Baton",
};

function keyOf(p: Presentation): string {
  switch (p.kind) {
    case "live":
    case "source":
      return p.kind;
    case "stored":
      return "folder:" + p.folder;
  }
  return "builtin";
}

/** What a row calls a presentation: in a folder the file's name is enough. */
export function nameOf(p: Presentation): string {
  return p.kind === "stored" && p.folder ? p.path.slice(p.folder.length + 1) : p.path;
}

/** Where a presentation is played. */
export function pageOf(p: Presentation): string {
  return "/play/" + p.path.split("/").map(encodeURIComponent).join("/");
}
