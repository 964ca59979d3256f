/** Servers of one cluster, as processes of their own. */
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import {
  getJson,
  type Process,
  type ServerProcess,
  startClient,
  startServer,
} from "../../tools/processes.ts";
import { freePort } from "../free_port.ts";
import { until } from "../support.ts";
import type { Nats } from "./nats.ts";

/**
 * Starts a node that publishers of others can be sent to.
 *
 * @param options `permissions`: more than it has for its recordings.
 */
export async function startNode(
  nats: Pick<Nats, "url">,
  node: string,
  args: string[] = [],
  options: { port?: number; permissions?: string[] } = {},
): Promise<ServerProcess> {
  const { port = freePort(), permissions = [] } = options;
  return await startServer([
    ...["--host", "127.0.0.1", "--port", `${port}`, "--workers", "1"],
    ...["--cluster", nats.url, "--node", node],
    ...["--node-url", `http://127.0.0.1:${port}`, ...args],
  ], ["--allow-write", ...permissions]);
}

/** Waits until each of the nodes has met so many others. */
export async function whenMet(
  nodes: ServerProcess[],
  others = nodes.length - 1,
): Promise<void> {
  await Promise.all(nodes.map(async ({ url }) => {
    await until(async () => {
      const text = await (await fetch(`${url}/metrics`)).text();
      return text.includes(`\npointwire_cluster_nodes ${others}\n`);
    }, { what: `${others} other nodes at ${url}` });
  }));
}

/** Starts a publisher of points at a node. */
export function publishAt(
  node: ServerProcess,
  name: string,
  args: string[] = [],
): Process {
  return startClient(node, [
    ...["--name", name, "--duration", "0", "--points", "30000"],
    ...["--rate", "10", "--log-format", "json", "--json", ...args],
  ]);
}

/** Waits until a node shows a connected session of a name. */
export async function whenListed(
  node: ServerProcess,
  name: string,
  matches: (session: SessionSnapshot) => boolean = () => true,
): Promise<SessionSnapshot> {
  return await until(async () => {
    const all = await getJson<SessionSnapshot[]>(`${node.url}/sessions`);
    return all.find((session) =>
      session.name === name && session.state === "connected" &&
      matches(session)
    );
  }, { what: `session ${name} at ${node.url}` });
}

/** Waits until a node shows no session of a name. */
export async function whenGone(
  node: ServerProcess,
  name: string,
): Promise<void> {
  await until(async () => {
    const all = await getJson<SessionSnapshot[]>(`${node.url}/sessions`);
    return all.every((session) => session.name !== name);
  }, { what: `the end of session ${name} at ${node.url}` });
}
