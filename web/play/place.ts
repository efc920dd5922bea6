/** Where a page is: what it plays, and the room of `baton play` in which it is, "" in none. */
export interface Place {
  room: string;
  path: string;
}

/**
 * Reads /play/PATH, or /ROOM/play/PATH: the gateway of `baton play` has all that is not for everybody in a room whose name only one
 * browser knows, and its cookie goes nowhere else. undefined: it is neither.
 */
export function placeOf(pathname: string): Place | undefined {
  const found = /^(\/[0-9a-f]{48})?\/play\/(.*)$/.exec(pathname);
  return found ? { room: found[1] ?? "", path: decodeURIComponent(found[2]!) } : undefined;
}
