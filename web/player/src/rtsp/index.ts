export { RtspClient, type ClientEvents, type ClientState } from "./client.ts";
export type { Message } from "./connection.ts";
export { RedirectError, RtspError, TimeoutError, tooManyFailures } from "./errors.ts";
export { headerOf, headersOf, type HeaderList, type Request, type Response } from "./message.ts";
export type { ClientOptions } from "./options.ts";
export type { PlayOptions, PlayResult } from "./play.ts";
export { parseRtcp, receiverReport, senderReport, type ReportBlock, type RtcpPacket, type SenderReport } from "./rtcp.ts";
export { parseSdp, type Description } from "./sdp.ts";
export type { SocketEvent, SocketFactory, WebSocketLike } from "./socket.ts";
