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

/** Processor time of the whole machine since its start, ticks. */
export interface MachineUsage {
  busy: number;
  all: number;
}

/** @throws {Error} where there is no `/proc/stat`. */
export async function machineUsage(): Promise<MachineUsage> {
  const [line] = (await shell("cat /proc/stat", 0)).split("\n");
  // cpu, then: user, nice, system, idle, iowait, irq, softirq, steal, …
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: all - ticks[3] - ticks[4], all };
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
