/**
 * `deno task compile`: the server and the client as binaries in `dist/`, each
 * with only the permissions of its set in deno.json. Options such as
 * `--target aarch64-apple-darwin` are passed on to `deno compile`.
 *
 * @module
 */

interface Binary {
  main: string;
  /** The name of its permission set in deno.json. */
  permissions: string;
  output: string;
  /** Files that it reads and modules that it starts at run time; embedded. */
  include: string[];
}

const BINARIES: Binary[] = [
  {
    main: "server.ts",
    permissions: "server",
    output: "dist/pointwire-server",
    include: [
      "lib/serving/page",
      "lib/hosting/frame_converter_worker.ts",
      "lib/hosting/recording_worker.ts",
      "lib/hosting/session_worker.ts",
    ],
  },
  {
    main: "client.ts",
    permissions: "client",
    output: "dist/pointwire-client",
    include: [
      "lib/hosting/recording_worker.ts",
      "lib/media/media_worker_main.ts",
    ],
  },
];

/** Thrown where a binary was not written. */
class CompileError extends Error {
  override readonly name = "CompileError";
}

async function compile(binary: Binary, options: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("deno", {
    args: [
      "compile",
      `--permission-set=${binary.permissions}`,
      // A question on the terminal is no part of a server.
      "--no-prompt",
      ...binary.include.flatMap((file) => ["--include", file]),
      ...options,
      `--output=${binary.output}`,
      binary.main,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new CompileError(explain(binary, new TextDecoder().decode(stderr)));
  }
}

/** Says why `deno compile` failed, in one sentence. */
function explain({ main, output }: Binary, stderr: string): string {
  const [download] = /https:\S+\.zip/.exec(stderr) ?? [];
  if (download && stderr.includes("Setting up base binary")) {
    return `Cannot compile ${main}: Deno's base binary could not be fetched ` +
      `from ${download}; fetch and unpack it elsewhere, and set DENORT_BIN ` +
      "to the path of its denort.";
  }
  const [, reason = stderr] =
    /^error: (.*?)\s*(?:^Stack backtrace|$(?![^]))/ms.exec(stderr) ?? [];
  return `Cannot compile ${main} to ${output}: ${reason}`;
}

if (import.meta.main) {
  try {
    for (const binary of BINARIES) {
      await compile(binary, Deno.args);
      console.log(
        `Wrote ${binary.output} with the permissions of ` +
          `"${binary.permissions}".`,
      );
    }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
