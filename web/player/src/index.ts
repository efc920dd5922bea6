export * from "./types.ts";
export { addressOf, type Address } from "./address.ts";
export { Emitter } from "./emitter.ts";
export { Player, type PlayerEvents, type PlayerOptions, type PlayerState, type PlayerStats } from "./player.ts";
export * from "./rtsp/index.ts";
export { Playback } from "./playback/playback.ts";
export { depacketizerOf } from "./depacketize/index.ts";
export { Pcapng, type Endpoint } from "./pcapng.ts";
export { Publisher, type PublishOptions, type PublishStats, type PublishState } from "./publish/publisher.ts";
