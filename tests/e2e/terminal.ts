/** A command in a terminal of its own. */
import { assert } from "@std/assert";
import { settlesWithin } from "../../lib/async.ts";
import { ROOT, until } from "../support.ts";

/** Ctrl-C, as a terminal gets it from its keyboard. */
const CTRL_C = "\x03";

/** Longest wait for what a command is to write or do, milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * A command that runs in a pseudo-terminal, which `script` of bsdutils opens: the
 * command and its children are the terminal's foreground group.
 */
export class Terminal implements AsyncDisposable {
  /** All that was written so far. */
  text = "";
  readonly #child: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly #done: Promise<void>;

  /** @param columns the terminal's width. */
  constructor(command: string[], columns = 80) {
    const quoted = command.map((part) => `'${part.replaceAll("'", `'\\''`)}'`);
    const line = `stty cols ${columns}; exec ${quoted.join(" ")}`;
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--return", "--flush", "--command", line, "/dev/null"],
      cwd: ROOT,
      env: { NO_COLOR: "1", SHELL: "/bin/sh" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#keyboard = this.#child.stdin.getWriter();
    this.#done = this.#read();
  }

  /** Waits until a text that matches was written. */
  async waitFor(what: string, pattern: RegExp): Promise<RegExpExecArray> {
    return await until(() => pattern.exec(this.text), {
      what: () => `${what}; the terminal shows:\n${this.text}`,
      within: PATIENCE_MS,
    });
  }

  async pressCtrlC(): Promise<void> {
    await this.type(CTRL_C);
  }

  async type(keys: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(keys));
  }

  /** Waits for the end. @returns the command's exit code. */
  async finished(): Promise<number> {
    const ended = this.#child.status;
    assert(
      await settlesWithin(PATIENCE_MS, ended),
      `The command goes on; the terminal shows:\n${this.text}`,
    );
    await this.#done;
    return (await ended).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keyboard.close().catch(() => {});
    try {
      // It hangs up, and kills what doesn't end of that.
      this.#child.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    await this.#done;
  }

  async #read(): Promise<void> {
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream());
    for await (const part of text) this.text += part;
  }
}
