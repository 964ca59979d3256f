import type { ClusterOptions } from "../cluster/cluster_host.ts";
import { NatsBus } from "../cluster/nats_bus.ts";
import type { Logger } from "../log.ts";
import { type OptionValues, UsageError } from "./options.ts";

/** Characters of the random name of a node that has no other. */
const NODE_CHARACTERS = 8;
/** What NATS takes as a part of a subject without meaning more by it. */
const WORD = /^[\w-]{1,64}$/;

/** The server's options about the other servers that it works with. */
export const CLUSTER_OPTIONS = {
  cluster: {
    type: "list",
    help: "NATS servers over which it is a node of a cluster: nats://HOST",
  },
  "cluster-name": {
    type: "text",
    default: "default",
    help: "The cluster, where the NATS servers have several",
  },
  "cluster-creds": {
    type: "text",
    help: "File that says who it is for NATS: .creds, a seed, or USER:PASSWORD",
  },
  "cluster-ca": {
    type: "text",
    help: "PEM file of the authority of the NATS servers' certificates",
  },
  node: {
    type: "text",
    help: "What this node is called (a random word)",
  },
  "node-url": {
    type: "url",
    help: "Where publishers, and other nodes, reach this one",
  },
} as const;

type ClusterValues = OptionValues<typeof CLUSTER_OPTIONS>;

/** @throws {UsageError} for what no cluster can be made of. */
export function checkClusterOptions(options: ClusterValues): void {
  for (const server of options.cluster) {
    const { protocol } = URL.parse(server) ?? {};
    if (protocol === "nats:" || protocol === "tls:") continue;
    throw new UsageError(
      `--cluster takes URLs such as nats://localhost:4222, not ${server}`,
    );
  }
  for (const name of ["cluster-name", "node"] as const) {
    const value = options[name];
    if (value === undefined || WORD.test(value)) continue;
    throw new UsageError(
      `--${name} takes up to 64 letters, digits, - and _, not "${value}"`,
    );
  }
  const extra = ["node", "node-url", "cluster-creds", "cluster-ca"] as const;
  if (options.cluster.length > 0) return checkAccess(options);
  for (const name of extra) {
    if (options[name] === undefined) continue;
    throw new UsageError(`--${name} is for a node of a cluster: add --cluster`);
  }
}

/** Who it is for NATS is said once, and authorities are for TLS. */
function checkAccess(options: ClusterValues): void {
  const urls = options.cluster.map((server) => new URL(server));
  const isNamed = urls.some(({ username }) => username !== "");
  if (options["cluster-creds"] !== undefined && isNamed) {
    throw new UsageError(
      "--cluster-creds and a user in --cluster say both who the node is: " +
        "leave the user out",
    );
  }
  if (options["cluster-ca"] === undefined) return;
  const plain = urls.find(({ protocol }) => protocol !== "tls:");
  if (plain === undefined) return;
  throw new UsageError(
    `--cluster-ca is for servers by TLS: write tls://${plain.host}`,
  );
}

/**
 * Connects to the cluster; nothing without `--cluster`.
 *
 * @throws {BusError} where no NATS server answers.
 */
export async function joinCluster(
  { cluster: servers, node: named, ...options }: ClusterValues,
  log: Logger,
): Promise<ClusterOptions | undefined> {
  if (servers.length === 0) return undefined;
  const node = named ?? crypto.randomUUID().slice(0, NODE_CHARACTERS);
  const name = `pointwire ${node}`;
  const bus = await NatsBus.connect({
    ...{ servers, name, log },
    credentials: options["cluster-creds"],
    authorities: options["cluster-ca"],
  });
  const cluster = options["cluster-name"];
  log.info("joined the cluster", { cluster, node });
  return { bus, cluster, node, url: options["node-url"] };
}
