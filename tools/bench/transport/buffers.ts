/** Bytes that the bench recommends, as the server's hint does. */
const LARGE_BYTES = 4 * 1024 * 1024;
const NAMES = ["net.core.rmem_default", "net.core.wmem_default"];

export type Buffers = "default" | "large";

/** The option that says under which buffers a bench measures. */
export const BUFFERS_OPTION = {
  type: "choice",
  choices: ["both", "default", "large"],
  default: "both",
  help: "The kernel's default socket buffers, 4 MiB ones (as root), or both",
} as const;

export const BUFFERS_TITLE: Record<Buffers, string> = {
  default: "the kernel's default buffers",
  large: "net.core.rmem_default and wmem_default at 4 MiB",
};

/** Sets the kernel's default socket buffers, and puts them back in the end. */
export class KernelBuffers {
  readonly #before = NAMES.map((name) => sysctl("-n", name));

  /** Tries to set them to what they are; tells whether this user may. */
  #trySetting(): boolean {
    return this.#before.every((value, i) =>
      value !== undefined &&
      sysctl("-w", `${NAMES[i]}=${value}`) !== undefined
    );
  }

  /** Returns the settings that can be measured here; says which can't. */
  choose(wanted: "both" | Buffers): Buffers[] {
    const all: Buffers[] = wanted === "both" ? ["default", "large"] : [wanted];
    if (!all.includes("large") || this.#trySetting()) return all;
    console.error(
      "net.core.rmem_default can't be set here (it takes root): only the " +
        "kernel's default buffers are measured",
    );
    return ["default"];
  }

  set(setting: Buffers): void {
    if (setting === "large") this.#setLarge();
    else this.restore();
  }

  #setLarge(): void {
    for (const name of NAMES) sysctl("-w", `${name}=${LARGE_BYTES}`);
  }

  restore(): void {
    NAMES.forEach((name, i) => {
      const before = this.#before[i];
      if (before !== undefined && sysctl("-n", name) !== before) {
        sysctl("-w", `${name}=${before}`);
      }
    });
  }

  /** On SIGINT and SIGTERM, puts them back and ends the program. */
  restoreOnSignals(): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, () => {
        this.restore();
        Deno.exit(1);
      });
    }
  }
}

/**
 * Measures under each setting that is wanted, with its title before what
 * `measure` prints, and writes all figures to a file where one is named.
 */
export async function measureUnder<Figures>(
  { buffers: wanted, json }: { buffers: "both" | Buffers; json?: string },
  measure: () => Promise<Figures>,
): Promise<void> {
  const buffers = new KernelBuffers();
  buffers.restoreOnSignals();
  const all: Partial<Record<Buffers, Figures>> = {};
  try {
    for (const setting of buffers.choose(wanted)) {
      buffers.set(setting);
      console.log(`\n${BUFFERS_TITLE[setting]}\n`);
      all[setting] = await measure();
    }
  } finally {
    buffers.restore();
  }
  if (json) await Deno.writeTextFile(json, JSON.stringify(all, null, 2));
}

/** Runs sysctl: Deno lets no program read /proc/sys without all permissions. */
function sysctl(...args: string[]): string | undefined {
  return output("sysctl", args);
}

/** Counts datagrams that the kernel dropped at a full receive buffer. */
export function receiveBufferErrors(): number {
  const lines = (output("cat", ["/proc/net/snmp"]) ?? "").split("\n")
    .filter((line) => line.startsWith("Udp:"))
    .map((line) => line.split(" "));
  if (lines.length < 2) return NaN;
  return Number(lines[1][lines[0].indexOf("RcvbufErrors")]);
}

function output(program: string, args: string[]): string | undefined {
  try {
    const command = new Deno.Command(program, { args, stderr: "null" });
    const { success, stdout } = command.outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}
