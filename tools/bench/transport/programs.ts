/** The programs of the bench's peers, and what they are made of. */
import { fileURLToPath } from "node:url";
import { type Kind, KINDS } from "./conditions.ts";

const FOLDER = fileURLToPath(new URL("../peers/", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../../deno.json", import.meta.url));

/** Peers in other languages, which are built where they are wanted. */
const PION = `${FOLDER}pion/pion`;
const STR0M = `${FOLDER}str0m/target/release/str0m-peer`;

/** The command that runs a peer; its arguments are added. */
export function commandOf(kind: Kind): [program: string, ...args: string[]] {
  switch (kind) {
    case "pion":
      return [PION];
    case "str0m":
      return [STR0M];
    case "aiortc":
      return [aiortcPython(), `${FOLDER}aiortc_peer.py`];
    default:
      return [Deno.execPath(), ...denoArguments(kind)];
  }
}

/** Debian's aiortc is years old; a newer one's Python is named. */
function aiortcPython(): string {
  return Deno.env.get("AIORTC_PYTHON") ?? "/usr/bin/python3";
}

function denoArguments(kind: Kind): string[] {
  const run = ["run", "-q", "-A"];
  // Those of the peer that is native code take the permission, too.
  if (kind === "ours") run.push("--deny-ffi");
  const program = kind.replace("-libraries", "");
  return [...run, `${FOLDER}${program}.ts`];
}

/**
 * Finds which of the wanted kinds of peers this machine has, and builds those
 * that are to be built; standard error says why one is left out.
 *
 * @returns the release of each, where it isn't this checkout's.
 */
export async function installedKinds(
  wanted: readonly string[] = KINDS,
): Promise<Map<Kind, string>> {
  const kinds = new Map<Kind, string>();
  for (const kind of KINDS.filter((kind) => wanted.includes(kind))) {
    try {
      kinds.set(kind, await LOOKUP[kind]());
    } catch (error) {
      const why = error instanceof Error ? error.message : error;
      console.error(`${kind} is left out: ${why}`);
    }
  }
  return kinds;
}

/** Finds the release of each; throws where it isn't here. */
const LOOKUP: Record<Kind, () => Promise<string>> = {
  ours: () => Promise.resolve(""),
  "ours-libraries": () =>
    Deno.build.os === "linux"
      ? Promise.resolve("")
      : Promise.reject(new Error("it calls libraries of Linux")),
  async pion() {
    // What Go there is has to do: it would fetch a newer one.
    const env = { GOTOOLCHAIN: "local" };
    await output("go", ["build", "-C", `${FOLDER}pion`, "-o", PION, "."], env);
    return await output(PION, ["version"]);
  },
  async str0m() {
    const manifest = `${FOLDER}str0m/Cargo.toml`;
    const build = ["build", "--release", "--locked", "--quiet"];
    await output("cargo", [...build, "--manifest-path", manifest]);
    return await output(STR0M, ["version"]);
  },
  stock: () => packageVersion("werift"),
  aiortc: () =>
    output(aiortcPython(), [
      "-c",
      "import aiortc; print(aiortc.__version__)",
    ]),
  async libdatachannel() {
    const load = 'await import("node-datachannel")';
    await output(Deno.execPath(), ["eval", "-q", `--config=${CONFIG}`, load]);
    return await packageVersion("node-datachannel");
  },
  async chromium() {
    const said = await output("/usr/bin/chromium", ["--version"]);
    return said.split(" ")[1];
  },
};

/** The release of an npm package that deno.json names. */
async function packageVersion(name: string): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile(CONFIG));
  return String(imports[name]).replace(/.*@/, "");
}

/** What a program writes. @throws {Error} with the end of what it says. */
async function output(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const command = new Deno.Command(program, { args, env, stdin: "null" });
  const { success, stdout, stderr } = await command.output().catch(() => {
    throw new Error(`${program} is not installed`);
  });
  const text = new TextDecoder();
  if (success) return text.decode(stdout).trim();
  const said = text.decode(stderr).trim().split("\n").slice(-3).join(" ");
  throw new Error(`${program} ${args[0]}: ${said}`);
}
