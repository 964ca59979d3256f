/** A disk that is full. */
import type { PublishReport } from "../../lib/publishing/publish.ts";
import { startClient } from "../processes.ts";
import {
  type Attack,
  type Prepared,
  SESSION_MIB,
  SLACK_MIB,
} from "./attack.ts";

/** Bytes of the disk, and of what is on it. */
const DISK_BYTES = 2 * 1024 * 1024;
const FULL_BYTES = DISK_BYTES - 64 * 1024;

/** Runs a program of the system. @throws where it fails. */
async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (success) return;
  throw new Error(`${program}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** A disk of 2 MiB that is nearly full, which takes root's rights to make. */
async function smallDisk(): Promise<Prepared> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "pointwire-" });
  stack.defer(() => Deno.remove(folder));
  const size = `size=${DISK_BYTES}`;
  await run("mount", "-t", "tmpfs", "-o", size, "pointwire", folder);
  stack.defer(() => run("umount", folder));
  await Deno.writeFile(`${folder}/other`, new Uint8Array(FULL_BYTES));
  const made = stack.move();
  return {
    args: ["--record", folder],
    permissions: [`--allow-write=${folder}`],
    [Symbol.asyncDispose]: () => made.disposeAsync(),
  };
}

export const RECORDING_ATTACKS: readonly Attack[] = [{
  name: "full-disk",
  about: "a publisher whose pictures and sound don't fit on the disk",
  budget: SLACK_MIB + SESSION_MIB + 16,
  isTold: true,
  prepare: smallDisk,
  async run({ url, seconds }) {
    await using client = startClient({ url }, [
      ...["--points", "2000", "--duration", `${seconds}`, "--json"],
    ]);
    await client.finished();
    const text = await client.stdout;
    if (text === "") throw new Error(client.stderr.slice(-3).join(" "));
    const report: PublishReport = JSON.parse(text);
    const breaches = report.failure === undefined ? [] : [report.failure];
    return { requests: 1, bytes: report.bytesSent, breaches };
  },
}];
