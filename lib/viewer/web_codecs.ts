/** Whether this browser hands out its decoders. */

/** Says why nothing is decoded, a clause; nothing where it may be. */
export function whyNoDecoder(): string | undefined {
  if ("VideoDecoder" in globalThis && "AudioDecoder" in globalThis) {
    return undefined;
  }
  // https://www.w3.org/TR/webcodecs: all of it is for secure contexts.
  return isSecureContext
    ? "this browser has no WebCodecs"
    : "a browser decodes them on a page from https or localhost alone";
}
