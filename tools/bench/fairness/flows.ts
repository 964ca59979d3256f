/** What runs beside each other over a bottleneck: ours, and TCP. */
import type { Process } from "../../processes.ts";
import type { Bottleneck, HostPair } from "./bottleneck.ts";

/** A flow that takes all that it is given, until the end of the scope. */
export type Flow = AsyncDisposable;

/** Starts a flow, and returns when it sends. */
export type StartFlow = (
  bottleneck: Bottleneck,
  pair: HostPair,
) => Promise<Flow>;

/** 29 Mbit/s, which cost little to make and to send. */
const POINTS = [
  ...["--points", "15000", "--rate", "20", "--codec", "f32", "--no-adaptive"],
];
/**
 * The share of the network is measured, not that of the processor: TCP is in
 * the kernel, which waits for nobody.
 */
const NICENESS = "-15";
const LOG = ["--log-format", "json"];

/** Points, as our client and server have them; video and sound where asked. */
export function points(
  { media = false, permissions = [] }: {
    media?: boolean;
    /** More than the tasks' ones. */
    permissions?: string[];
  } = {},
): StartFlow {
  return async ({ network }, { sender, receiver, address }) => {
    await using started = new AsyncDisposableStack();
    const start = (host: string, role: string, args: string[]): Process =>
      started.use(network.start(host, "nice", [
        ...["-n", NICENESS, Deno.execPath(), "run"],
        ...[`-P=${role}`, ...permissions, `${role}.ts`, ...LOG, ...args],
      ]));
    const server = start(receiver, "server", [
      ...["--host", "0.0.0.0", "--port", "0"],
    ]);
    const { url } = await server.waitForLog(
      "the server's address",
      ({ message }) => message === "listening",
    );
    const { port } = new URL(url as string);
    const client = start(sender, "client", [
      ...["--signaling", `http://${address}:${port}/offer`, ...POINTS],
      ...["--duration", "0", ...media ? [] : ["--media", "none"]],
    ]);
    await client.waitForLog(
      "the client's session",
      ({ message }) => message === "connected",
    );
    return started.move();
  };
}

/** TCP with a congestion control of the kernel's, by iperf3. */
export function tcp(congestionControl: "cubic" | "bbr"): StartFlow {
  return async ({ network }, { sender, receiver, address }) => {
    await using started = new AsyncDisposableStack();
    const listen = "exec iperf3 --server --forceflush >&2";
    const server = started.use(network.start(receiver, "sh", ["-c", listen]));
    await server.waitFor(
      "iperf3's server",
      (line) => line.includes("listening") || undefined,
    );
    const send = `exec iperf3 --client ${address} --time 0 ` +
      `--congestion ${congestionControl} --forceflush >&2`;
    const client = started.use(network.start(sender, "sh", ["-c", send]));
    await client.waitFor(
      "iperf3's connection",
      (line) => line.includes("connected to") || undefined,
    );
    return started.move();
  };
}
