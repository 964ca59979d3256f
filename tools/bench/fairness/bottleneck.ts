/** A bottleneck that pairs of hosts share, in network namespaces of Linux. */
import { Network } from "../../network.ts";

/** The two ends of a flow. */
export interface HostPair {
  sender: string;
  receiver: string;
  /** Address of the receiver. */
  address: string;
}

/** What a bottleneck takes. */
export interface BottleneckOptions {
  /** Mbit/s on the wire. */
  rate: number;
  /** Milliseconds that its full queue takes. */
  queueMs: number;
}

/** Bytes that leave at once: a few packets. */
const BURST = "8kb";
const PAIRS = [0, 1] as const;

/**
 * Two senders, two receivers, and one link between their two routers: each flow
 * has hosts of its own, so that the bottleneck's queue is all that they share.
 */
export class Bottleneck implements AsyncDisposable {
  readonly #network = new Network();
  readonly pairs: readonly HostPair[] = PAIRS.map((i) => ({
    ...{ sender: `sender${i}`, receiver: `receiver${i}` },
    address: `10.78.1${i}.2`,
  }));

  private constructor() {}

  /** @throws {Error} where `ip` or `tc` can't make it, such as not as root. */
  static async open(options: BottleneckOptions): Promise<Bottleneck> {
    await using cleanup = new AsyncDisposableStack();
    const bottleneck = cleanup.use(new Bottleneck());
    await bottleneck.#build(options);
    cleanup.move();
    return bottleneck;
  }

  get network(): Network {
    return this.#network;
  }

  /** Bytes on the wire that each receiver was sent so far, by the pair. */
  async bytes(): Promise<number[]> {
    const text = await this.#network.ip("right", "-j", "-s", "link");
    const links: { ifname: string; stats64: { tx: { bytes: number } } }[] = JSON
      .parse(text);
    return PAIRS.map((i) =>
      links.find(({ ifname }) => ifname === `to-receiver${i}`)!.stats64.tx.bytes
    );
  }

  async #build({ rate, queueMs }: BottleneckOptions): Promise<void> {
    const network = this.#network;
    for (const router of ["left", "right"]) {
      await network.addHost(router);
      await network.forward(router);
    }
    await network.connect(
      { host: "left", link: "bottleneck", address: "10.78.0.1" },
      { host: "right", link: "back", address: "10.78.0.2" },
    );
    for (const i of PAIRS) {
      const { sender, receiver } = this.pairs[i];
      await this.#addHost(sender, "left", `10.78.${i + 1}`);
      await this.#addHost(receiver, "right", `10.78.1${i}`);
      const there = `10.78.1${i}.0/24`;
      const back = `10.78.${i + 1}.0/24`;
      await network.ip("left", "route", "add", there, "via", "10.78.0.2");
      await network.ip("right", "route", "add", back, "via", "10.78.0.1");
    }
    await network.tc(
      ...["left", "qdisc", "add", "dev", "bottleneck", "root", "tbf"] as const,
      ...["rate", `${rate}mbit`, "burst", BURST, "latency", `${queueMs}ms`],
    );
  }

  async #addHost(host: string, router: string, net: string): Promise<void> {
    const network = this.#network;
    await network.addHost(host);
    await network.connect(
      { host, link: "uplink", address: `${net}.2` },
      { host: router, link: `to-${host}`, address: `${net}.1` },
    );
    // The queue is to hold packets, not what a network card would cut up.
    await network.ip(host, "link", "set", "uplink", "gso_max_segs", "1");
    await network.ip(host, "route", "add", "default", "via", `${net}.1`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#network[Symbol.asyncDispose]();
  }
}
