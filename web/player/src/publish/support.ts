/** Why this page cannot publish, as a sentence; undefined if it can. */
export function whyNot(wantsAudio: boolean): string | undefined {
  if (!globalThis.isSecureContext) {
    return `Browsers let a page use camera and encoders only if it came over https or from localhost; this one came from ${globalThis.location?.origin}.`;
  }
  if (globalThis.VideoEncoder === undefined) return "This browser has no encoders for pages (WebCodecs).";
  if (wantsAudio && globalThis.AudioEncoder === undefined) return "This browser has no audio encoder for pages: publish without sound.";
  return undefined;
}
