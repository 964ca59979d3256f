/**
 * A session description as lines (RFC 8866). All that reads one reads it here,
 * so that there is one idea of a line.
 */

/** The lines of a session description, without what ends them. */
export interface Description {
  /** Those before the first media section, from `v=0` on. */
  session: readonly string[];
  /** The media sections; each begins with its `m=`. */
  sections: readonly (readonly string[])[];
}

/** Thrown where a session description can't be read; says where and why. */
export class SdpError extends Error {
  override readonly name = "SdpError";
}

/**
 * Reads a session description. A line ends with CRLF, or with LF alone (RFC
 * 8866 section 5), and empty ones are passed over.
 *
 * @throws {SdpError} where it doesn't begin with `v=0`, or a line is not of the
 * form x=value or has a carriage return inside.
 */
export function parseDescription(text: string): Description {
  if (text.trim() === "") throw new SdpError("The SDP is empty");
  const session: string[] = [];
  const sections: string[][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line === "") continue;
    if (session.length === 0 && line !== "v=0") {
      throw new SdpError('The SDP does not begin with "v=0"');
    }
    // Whoever splits there too would see lines that nobody has counted.
    if (line.includes("\r")) {
      throw new SdpError(
        `Line ${index + 1} of the SDP has a carriage return inside`,
      );
    }
    if (!/^[a-z]=/.test(line)) {
      throw new SdpError(
        `Line ${index + 1} of the SDP is not of the form x=value`,
      );
    }
    if (line.startsWith("m=")) sections.push([line]);
    else (sections.at(-1) ?? session).push(line);
  }
  return { session, sections };
}

/** Writes a session description, each line ended by CRLF. */
export function writeDescription({ session, sections }: Description): string {
  return [...session, ...sections.flat(), ""].join("\r\n");
}

/** All lines of a session description, in their order. */
export function linesOf({ session, sections }: Description): string[] {
  return [...session, ...sections.flat()];
}

/** Makes another description by changing each part's lines. */
export function mapLines(
  { session, sections }: Description,
  change: (lines: readonly string[]) => readonly string[],
): Description {
  return { session: change(session), sections: sections.map(change) };
}
