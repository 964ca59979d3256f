/** One media section of a session description (RFC 8866 section 5.14). */
import { SdpError } from "./description.ts";

/** Formats that are read of one section: RTP has as many payload types. */
const MAX_FORMATS = 128;

/** What the `m=` line of a section says. */
export interface MediaLine {
  /** Such as `audio`, `video` or `application`. */
  kind: string;
  /** 0 for a section that is not in use, or in a bundle only. */
  port: number;
  /** Such as `UDP/TLS/RTP/SAVPF`. */
  protocol: string;
  /** RTP payload types, or `webrtc-datachannel`; each once, 128 at most. */
  formats: string[];
}

/**
 * Reads the `m=` line that a section begins with.
 *
 * @throws {SdpError} where it is none.
 */
export function mediaLineOf([line]: readonly string[]): MediaLine {
  const [, kind, port, protocol, formats] =
    /^m=(\S+) (\d{1,5})(?:\/\d+)? (\S+) (\S.*)$/.exec(line) ?? [];
  if (kind === undefined) {
    throw new SdpError(`The line ${line.slice(0, 80)} is no media section`);
  }
  const different = new Set(formats.split(" ").filter(Boolean));
  return {
    ...{ kind, port: Number(port), protocol },
    formats: [...different].slice(0, MAX_FORMATS),
  };
}

/** Writes an `m=` line. */
export function writeMediaLine(
  { kind, port, protocol, formats }: MediaLine,
): string {
  return `m=${kind} ${port} ${protocol} ${formats.join(" ")}`;
}

/**
 * The value of an attribute, of the first line that has it; empty where it has
 * none, `undefined` where there is no such line.
 */
export function attributeOf(
  lines: readonly string[],
  name: string,
): string | undefined {
  const line = lines.find((line) => isAttribute(line, name));
  return line?.slice(`a=${name}:`.length);
}

/** Whether a line is an attribute of one of some names. */
export function isAttribute(line: string, ...names: string[]): boolean {
  return names.some((name) =>
    line === `a=${name}` || line.startsWith(`a=${name}:`)
  );
}

/** SSRCs that are read of one section: a stream, and its retransmissions. */
const MAX_SSRCS = 8;

/** The SSRCs that a section names, each with the first line that does. */
export function ssrcsOf(lines: readonly string[]): Map<number, string> {
  const ssrcs = new Map<number, string>();
  for (const line of lines) {
    const [, text] = /^a=ssrc:(\d+) /.exec(line) ?? [];
    if (text === undefined || ssrcs.has(Number(text))) continue;
    if (ssrcs.size < MAX_SSRCS) ssrcs.set(Number(text), line);
  }
  return ssrcs;
}

/** The name of the attribute that a line is. */
export function attributeNameOf(line: string): string {
  return line.slice("a=".length).split(":", 1)[0];
}

/** The lines without the attributes of some names. */
export function withoutAttributes(
  lines: readonly string[],
  ...names: string[]
): string[] {
  return lines.filter((line) => !isAttribute(line, ...names));
}

/** The attributes that say who sends. */
export const DIRECTIONS = [
  "sendrecv",
  "sendonly",
  "recvonly",
  "inactive",
] as const;
/** Who sends, as the one who wrote the description sees it. */
export type Direction = typeof DIRECTIONS[number];

/** The direction that lines give, if they do (RFC 8866 section 6.7). */
export function directionOf(lines: readonly string[]): Direction | undefined {
  return DIRECTIONS.find((direction) => lines.includes(`a=${direction}`));
}
