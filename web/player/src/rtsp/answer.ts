import { headerOf, type HeaderList, type Request } from "./message.ts";

/** The answer of a client to a request of the server (RFC 2326 section 10). understood: its body made sense. */
export function answerTo(request: Request, understood: boolean): { start: string; headers: HeaderList } {
  const headers: HeaderList = [];
  for (const name of ["CSeq", "Session"]) {
    const value = headerOf(request.headers, name);
    if (value !== undefined && !value.includes("\0")) headers.push([name, value]);
  }
  if (request.method === "OPTIONS") headers.push(["Public", known.join(", ")]);
  const status = !known.includes(request.method) ? "501 Not Implemented" : understood ? "200 OK" : "400 Bad Request";
  return { start: `RTSP/1.0 ${status}`, headers };
}

const known = ["OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "REDIRECT", "TEARDOWN"];
