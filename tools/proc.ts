/**
 * Processes as Linux shows them in `/proc`. Deno reads that only with all
 * permissions, so other programs read it.
 */

/** What a process holds at one moment. */
export interface ProcessUsage {
  /** Memory that is resident, MiB. */
  memory: number;
  threads: number;
  /** Open file descriptors: sockets, pipes and files. */
  files: number;
  /** Processor time since its start, seconds. */
  cpu: number;
}

/** Ticks of the times in `/proc/PID/stat`; 100 on every Linux there is. */
const TICKS_PER_SECOND = 100;

/** @throws {Error} where there is no such process. */
export async function usageOf(pid: number): Promise<ProcessUsage> {
  const text = await shell(
    "cat /proc/$1/status /proc/$1/stat && ls /proc/$1/fd | wc -l",
    pid,
  );
  const number = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
  const [, stat = ""] = /\) (\S .*)/.exec(text) ?? [];
  const fields = stat.split(" ");
  return {
    memory: number(/VmRSS:\s+(\d+)/) / 1024,
    threads: number(/Threads:\s+(\d+)/),
    files: number(/(\d+)\s*$/),
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
  };
}

/**
 * Begins anew to note the most memory that a process had resident.
 *
 * @throws {Error} where there is no such process, or it is somebody else's.
 */
export async function restartPeakMemory(pid: number): Promise<void> {
  await shell("echo 5 > /proc/$1/clear_refs", pid);
}

/**
 * The most memory that a process had resident since then, MiB.
 *
 * @throws {Error} where there is no such process.
 */
export async function peakMemoryOf(pid: number): Promise<number> {
  const text = await shell("cat /proc/$1/status", pid);
  return Number(/VmHWM:\s+(\d+)/.exec(text)?.[1]) / 1024;
}

/** Processor time since the start of what it is of, seconds. */
export interface ProcessorTimes {
  /** Of the whole machine, whoever took it. */
  busy: number;
  /** What there was of it. */
  all: number;
  /** Of one process and all that it started, as long as they live. */
  own: number;
}

/** @throws {Error} where there is no `/proc/stat`. */
export async function processorTimes(pid: number): Promise<ProcessorTimes> {
  const text = await shell(
    "cat /proc/stat; cat /proc/[0-9]*/stat 2>/dev/null; true",
    pid,
  );
  // cpu, then: user, nice, system, idle, iowait, irq, softirq, steal, …
  const [, line = ""] = /^cpu +(.*)/m.exec(text) ?? [];
  const ticks = line.split(" ").slice(0, 8).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  const [, , , idle, waiting] = ticks;
  return {
    busy: (all - idle - waiting) / TICKS_PER_SECOND,
    all: all / TICKS_PER_SECOND,
    own: treeTicks(text, pid) / TICKS_PER_SECOND,
  };
}

/** Adds up the ticks of a process and its descendants, of their stat lines. */
function treeTicks(text: string, pid: number): number {
  const children = new Map<number, number[]>();
  const ticks = new Map<number, number>();
  for (const [, id, rest] of text.matchAll(/^(\d+) \(.*\) \S (.*)/gm)) {
    const fields = rest.split(" ").map(Number);
    const [parent] = fields;
    ticks.set(Number(id), fields[10] + fields[11]);
    children.set(parent, [...children.get(parent) ?? [], Number(id)]);
  }
  const add = (id: number): number =>
    (children.get(id) ?? []).reduce(
      (sum, child) => sum + add(child),
      ticks.get(id) ?? 0,
    );
  return add(pid);
}

/** The lowest file descriptor that a process does not use. */
export async function lowestFreeDescriptor(pid: number): Promise<number> {
  const used = new Set((await shell("ls /proc/$1/fd", pid)).split("\n"));
  for (let number = 0;; number++) if (!used.has(`${number}`)) return number;
}

/**
 * Has a process get no file descriptor from `limit` on, with Linux' `prlimit`;
 * those that it has stay. It may be raised again.
 */
export async function limitDescriptors(
  pid: number,
  limit: number,
): Promise<void> {
  const { success } = await new Deno.Command("prlimit", {
    args: ["--pid", `${pid}`, `--nofile=${limit}:`],
  }).output();
  if (!success) throw new Error(`prlimit can't limit process ${pid}`);
}

/** The UDP ports that a process is bound to, in order. */
export async function udpPortsOf(pid: number): Promise<number[]> {
  const text = await shell(
    "ls -l /proc/$1/fd; cat /proc/net/udp /proc/net/udp6",
    pid,
  );
  const own = new Set(
    Array.from(text.matchAll(/socket:\[(\d+)\]/g), ([, inode]) => inode),
  );
  return udpSockets(text).filter(({ inode }) => own.has(inode))
    .map(({ port }) => port).toSorted((a, b) => a - b);
}

/** All UDP ports of this machine that somebody is bound to. */
export async function boundUdpPorts(): Promise<Set<number>> {
  const text = await shell("cat /proc/net/udp /proc/net/udp6", 0);
  return new Set(udpSockets(text).map(({ port }) => port));
}

/** The ids of the processes that run a command line with `text` in it. */
export async function processesWith(text: string): Promise<number[]> {
  const { stdout } = await new Deno.Command("pgrep", {
    args: ["-f", "--", text.replace(/[^\w]/g, "\\$&")],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean)
    .map(Number);
}

/** The lines of /proc/net/udp: slot, address, peer, state, …, inode. */
function udpSockets(text: string): { port: number; inode: string }[] {
  const lines = text.matchAll(
    /^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ \S+ \S+ \S+ \S+\s+\d+\s+\d+ (\d+)/gm,
  );
  return Array.from(
    lines,
    ([, port, inode]) => ({ port: parseInt(port, 16), inode }),
  );
}

async function shell(script: string, pid: number): Promise<string> {
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", `${pid}`],
    stderr: "null",
  }).output();
  if (!success) throw new Error(`There is no process ${pid}`);
  return new TextDecoder().decode(stdout);
}
