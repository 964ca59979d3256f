/** Where lines go; a live line needs a terminal. */
export interface ProgressOutput {
  isTerminal: boolean;
  /** The width now, characters; Infinity where nothing wraps. */
  columns(): number;
  write(text: string): void;
}

const encoder = new TextEncoder();

/** Standard error: standard output is for the report. */
export const STDERR: ProgressOutput = {
  isTerminal: Deno.stderr.isTerminal(),
  columns: consoleColumns,
  write(text) {
    const bytes = encoder.encode(text);
    for (let written = 0; written < bytes.length;) {
      written += Deno.stderr.writeSync(bytes.subarray(written));
    }
  },
};

function consoleColumns(): number {
  if (!Deno.stderr.isTerminal()) return Infinity;
  try {
    // A terminal that doesn't know its width says 0.
    return Deno.consoleSize().columns || Infinity;
  } catch {
    return Infinity;
  }
}

/** Goes to the beginning of the line, and clears it. */
const CLEAR = "\r\x1b[K";

/** The last line of a terminal, which changes while others come above it. */
export class LiveLine {
  readonly #output: ProgressOutput;
  #shown: string | undefined;

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  /** Shows a text in place of the one before. */
  show(text: string): void {
    this.#shown = text;
    this.#output.write(`${CLEAR}${text}`);
  }

  /** Writes a line that stays, above it where it is shown. */
  above(line: string): void {
    const shown = this.#shown;
    this.#output.write(
      shown === undefined ? `${line}\n` : `${CLEAR}${line}\n${shown}`,
    );
  }

  /** Leaves it as it is: what follows starts on a line of its own. */
  end(): void {
    if (this.#shown !== undefined) this.#output.write("\n");
    this.#shown = undefined;
  }
}
