/** The programs on aiortc, and what they say. */

/** The Python that Debian's packages are for. */
export const PYTHON = "/usr/bin/python3";

/** An aiortc, and the Python that has it. */
export interface Aiortc {
  name: string;
  need: "aiortc" | "newest aiortc";
  python: string;
}

/** Debian's aiortc, and PyPI's newest, whose Python is named by a variable. */
export const DEBIAN: Aiortc = {
  name: "aiortc",
  need: "aiortc",
  python: PYTHON,
};
export const NEWEST: Aiortc = {
  name: "PyPI's aiortc",
  need: "newest aiortc",
  python: Deno.env.get("AIORTC_PYTHON") ?? PYTHON,
};

/** Finds an event of the Python programs among the lines that they say. */
export function eventOf(message: string) {
  return (line: string): Record<string, unknown> | undefined => {
    if (!line.startsWith("{")) return undefined;
    const event = JSON.parse(line);
    return event.message === message ? event : undefined;
  };
}
