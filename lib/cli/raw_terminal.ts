/** Signals that end a program which doesn't listen, the terminal as it is. */
const FATAL: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGHUP", "SIGQUIT"];
/** Exit code of a program that a signal ended, as shells have it. */
const KILLED = 128;
const NUMBERS: ReadonlyMap<Deno.Signal, number> = new Map([
  ["SIGHUP", 1],
  ["SIGQUIT", 3],
]);

/**
 * The terminal that is typed into, each key heard as it is pressed: raw, but
 * for Ctrl-C. Whatever ends the program, it is then as it was.
 */
export class RawTerminal implements Disposable {
  readonly #restore = () => this.#setRaw(false);
  readonly #signals = new Map<Deno.Signal, () => void>();
  #isOver = false;

  constructor() {
    this.#setRaw(true);
    globalThis.addEventListener("unload", this.#restore);
    for (const signal of FATAL) {
      this.#listen(signal, () => Deno.exit(KILLED + NUMBERS.get(signal)!));
    }
    if (Deno.build.os === "windows") return;
    // A shell had it in between, for as long as the program was stopped.
    this.#listen("SIGCONT", () => this.#setRaw(true));
  }

  /** Gives what is typed, until the terminal is closed. */
  async *typed(): AsyncGenerator<string> {
    const bytes = new Uint8Array(256);
    const decoder = new TextDecoder();
    for (let count; (count = await Deno.stdin.read(bytes)) !== null;) {
      yield decoder.decode(bytes.subarray(0, count), { stream: true });
    }
  }

  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    globalThis.removeEventListener("unload", this.#restore);
    for (const [signal, listener] of this.#signals) {
      Deno.removeSignalListener(signal, listener);
    }
    this.#restore();
  }

  #setRaw(isRaw: boolean): void {
    try {
      const cbreak = isRaw && Deno.build.os !== "windows";
      Deno.stdin.setRaw(isRaw, { cbreak });
    } catch {
      // It is gone, as it is when it hangs up.
    }
  }

  #listen(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#signals.set(signal, listener);
  }
}
