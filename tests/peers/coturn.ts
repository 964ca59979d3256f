/** coturn's TURN server as a process of its own, on loopback. */
import { Process } from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";

export interface TurnServer extends AsyncDisposable {
  port: number;
  /** Value of `--ice-server`. */
  url(transport: "udp" | "tcp"): string;
  /** Lines of its log so far. */
  readonly lines: string[];
}

const USER = "pointwire:secret";

/** Starts it on a port of UDP and TCP that is free. */
export async function startTurnServer(): Promise<TurnServer> {
  const port = freePort();
  const process = new Process("/bin/sh", [
    "-c",
    'exec "$@" >&2',
    "sh",
    "turnserver",
    ...["-n", "--listening-ip", "127.0.0.1", "--listening-port", `${port}`],
    ...["--relay-ip", "127.0.0.1", "--allow-loopback-peers"],
    ...["--lt-cred-mech", "--user", USER, "--realm", "pointwire"],
    ...["--no-tls", "--no-dtls", "--no-cli", "--no-rfc5780", "--verbose"],
    ...["--userdb", "/dev/null/none", "--pidfile", "/dev/null"],
    ...["--log-file", "stdout", "--simple-log"],
  ]);
  await process.waitFor(
    "that coturn listens on TCP",
    (line) =>
      line.includes("TCP listener opened") && line.includes(`:${port}`) ||
      undefined,
  );
  return {
    port,
    url: (transport) => `turn:${USER}@127.0.0.1:${port}?transport=${transport}`,
    lines: process.stderr,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}
