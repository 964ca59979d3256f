import { PointsError } from "../errors.ts";

/** Characters of a stranger's text that an error shows at most. */
const MAX_SHOWN_CHARACTERS = 60;

/** Makes the error for a header that can't be read. */
export function malformed(what: string): PointsError {
  return new PointsError("header", `Cannot read Cloudini: ${what}`);
}

/** Makes the error for a header that says what isn't read. */
export function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read Cloudini: ${what}`);
}

/** Quotes what a stranger wrote, short enough for a message. */
export function quote(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_CHARACTERS));
}

/** Decodes UTF-8; what is none becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
