/** The programs on aiortc, and what they say. */

/** The Python that Debian's packages are for. */
export const PYTHON = "/usr/bin/python3";

/** Finds an event of the Python programs among the lines that they say. */
export function eventOf(message: string) {
  return (line: string): Record<string, unknown> | undefined => {
    if (!line.startsWith("{")) return undefined;
    const event = JSON.parse(line);
    return event.message === message ? event : undefined;
  };
}
