/** The pictures on the buttons, 24 by 24. */
export const icons = {
  play: "M8 5.5v13l11-6.5z",
  pause: "M7 5h3.5v14H7zM13.5 5H17v14h-3.5z",
  again: "M12 5V1.8L6.8 6.4 12 11V7.6a4.9 4.9 0 1 1-4.9 4.9H4.5A7.5 7.5 0 1 0 12 5z",
  sound: "M4 9.5v5h3.4l4.6 4v-13l-4.6 4zM14.5 8.3v7.4a4.2 4.2 0 0 0 0-7.4zM14.5 4.6v2.1a5.6 5.6 0 0 1 0 10.6v2.1a7.6 7.6 0 0 0 0-14.8z",
  silent: "M4 9.5v5h3.4l4.6 4v-13l-4.6 4zM20.5 9.2l-1.3-1.3-2.4 2.4-2.4-2.4-1.3 1.3 2.4 2.4-2.4 2.4 1.3 1.3 2.4-2.4 2.4 2.4 1.3-1.3-2.4-2.4z",
  camera: "M9 4.5 7.4 6.5H4v13h16v-13h-3.4L15 4.5zm3 4.2a4.1 4.1 0 1 1 0 8.2 4.1 4.1 0 0 1 0-8.2z",
  full: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
};

/** An icon as an element that screen readers pass over. */
export function icon(name: keyof typeof icons): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path") as SVGPathElement;
  path.setAttribute("d", icons[name]);
  svg.append(path);
  return svg;
}

/** Changes the icon of a button, and what it is called. */
export function face(button: HTMLButtonElement, name: keyof typeof icons, label: string): void {
  if (button.ariaLabel === label) return;
  button.ariaLabel = label;
  button.title = label;
  button.replaceChildren(icon(name));
}
