import type { Player, PlayerStats } from "../player/src/element.ts";

/** What people call formats, by their names in SDP. */
const names: Record<string, string> = {
  H264: "H.264", H265: "H.265", "MPEG4-GENERIC": "AAC", "MP4A-LATM": "AAC", OPUS: "Opus", PCMU: "G.711 µ-law", PCMA: "G.711 A-law", JPEG: "Motion JPEG",
};

/** Shows what is known of what is played, and how it comes. */
export function show(facts: HTMLElement, player: Player, stats: PlayerStats | undefined): void {
  const rows: [string, string][] = [];
  const media = player.description?.media ?? [];
  for (const kind of ["video", "audio"] as const) {
    const list = media.filter((m) => m.kind === kind).map((m) => names[m.encoding] ?? m.encoding);
    if (list.length > 0) rows.push([kind === "video" ? "Picture" : "Sound", list.join(", ")]);
  }
  if (stats) {
    if (stats.width > 0) rows.push(["Size", `${stats.width} × ${stats.height}`]);
    rows.push(["Bit rate", rate(stats.bitrate)]);
    if (player.live && stats.latency !== undefined) rows.push(["Latency", `${Math.round(1000 * stats.latency)} ms`]);
    rows.push(["Decoded by", decoders[stats.path]]);
    if (stats.avOffset !== undefined) rows.push(["Picture to sound", `${Math.round(1000 * stats.avOffset)} ms`]);
    if (stats.framesDropped > 0) rows.push(["Pictures left out", String(stats.framesDropped)]);
    if (stats.lost > 0) rows.push(["Packets lost", String(stats.lost)]);
  }
  fill(facts, rows);
}

const decoders: Record<PlayerStats["path"], string> = { webcodecs: "WebCodecs", mse: "Media Source", jpeg: "JPEG images", none: "–" };

function rate(bits: number): string {
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mb/s` : `${Math.round(bits / 1e3)} kb/s`;
}

// Rows stay where they are, so that nothing jumps for eyes and screen readers.
function fill(list: HTMLElement, rows: [string, string][]): void {
  while (list.children.length > rows.length) list.lastElementChild!.remove();
  rows.forEach(([name, value], i) => {
    let row = list.children[i];
    if (!row) {
      row = document.createElement("div");
      row.append(document.createElement("dt"), document.createElement("dd"));
      list.append(row);
    }
    const [dt, dd] = row.children;
    if (dt!.textContent !== name) dt!.textContent = name;
    if (dd!.textContent !== value) dd!.textContent = value;
  });
}
