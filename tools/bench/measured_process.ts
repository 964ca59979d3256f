import type { Process, ServerProcess } from "../processes.ts";
import { usageOf } from "../proc.ts";

/** Cores that a server's process uses until something is over. */
export async function coresDuring(
  { child: { pid } }: ServerProcess,
  over: Promise<unknown>,
): Promise<number> {
  const [at, before] = [performance.now(), await usageOf(pid)];
  await over;
  const { cpu } = await usageOf(pid);
  return 1000 * (cpu - before.cpu) / (performance.now() - at);
}

/**
 * Waits for a program that says `begun` on standard error, and then its report,
 * a line of JSON.
 *
 * @returns the report, and the cores that the server used in between.
 */
export async function measureReport<Report>(
  program: Process,
  server: ServerProcess,
): Promise<{ report: Report; cores: number }> {
  await program.waitFor("its begin", (line) => line === "begun" || undefined);
  const reported = program.waitFor(
    "the report",
    (line) => /^[[{]/.test(line) ? JSON.parse(line) as Report : undefined,
  );
  const cores = await coresDuring(server, reported);
  return { report: await reported, cores };
}
