/** Two hosts with a router between, in network namespaces of Linux. */
import { Network } from "../../tools/network.ts";
import type { Process } from "../../tools/processes.ts";

const ROUTER = "router";

/** A host, its address, and the router's end of its link. */
interface Host {
  name: "near" | "far";
  address: string;
  remoteLink: string;
  gateway: string;
}

/** A path of two links, whose second takes smaller packets where it is told. */
export class RoutedPath implements AsyncDisposable {
  readonly #network = new Network();
  readonly #near: Host;
  readonly #far: Host;

  private constructor(family: 4 | 6) {
    const network = (i: number) => family === 4 ? `10.77.${i}.` : `fd77:${i}::`;
    const host = (name: Host["name"], i: number): Host => ({
      ...{ name, remoteLink: `downlink${i}` },
      ...{ address: `${network(i)}2`, gateway: `${network(i)}1` },
    });
    this.#near = host("near", 1);
    this.#far = host("far", 2);
  }

  /** Makes it; both links take 1500 bytes. */
  static async open(family: 4 | 6): Promise<RoutedPath> {
    await using cleanup = new AsyncDisposableStack();
    const path = cleanup.use(new RoutedPath(family));
    await path.#build();
    cleanup.move();
    return path;
  }

  /** Address of the far host. */
  get farAddress(): string {
    return this.#far.address;
  }

  /** Has the router forward no larger packets to the far host, bytes. */
  async limit(mtu: number): Promise<void> {
    const { remoteLink } = this.#far;
    await this.#network.ip(
      ...[ROUTER, "link", "set", remoteLink, "mtu", `${mtu}`] as const,
    );
  }

  /** Has the router say nothing (ICMP) to the near host. */
  async silence(): Promise<void> {
    const { address } = this.#near;
    const family = address.includes(":") ? "-6" : "-4";
    const rule = ["add", "iif", "lo", "to", address, "blackhole"];
    await this.#network.ip(ROUTER, family, "rule", ...rule);
  }

  /** Starts Deno on a host. */
  start(where: "near" | "far", args: string[]): Process {
    return this.#network.start(where, Deno.execPath(), args);
  }

  async #build(): Promise<void> {
    const network = this.#network;
    await network.addHost(ROUTER);
    for (
      const { name, address, remoteLink, gateway } of [
        this.#near,
        this.#far,
      ]
    ) {
      await network.addHost(name);
      await network.connect(
        { host: name, link: "uplink", address },
        { host: ROUTER, link: remoteLink, address: gateway },
      );
      await network.ip(name, "route", "add", "default", "via", gateway);
    }
    await network.forward(ROUTER);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#network[Symbol.asyncDispose]();
  }
}
