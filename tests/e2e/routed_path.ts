/** Two hosts with a router between, in network namespaces of Linux. */
import { Process } from "../../tools/processes.ts";

/** Names of namespaces, of their links, and what these lead to. */
interface Host {
  name: string;
  link: string;
  address: string;
  /** The router's end of the link, and its address. */
  remoteLink: string;
  gateway: string;
}

/** A path of two links, whose second takes smaller packets where it is told. */
export class RoutedPath implements AsyncDisposable {
  readonly #router: string;
  readonly #hosts: readonly [near: Host, far: Host];

  private constructor(family: 4 | 6) {
    const network = (i: number) => family === 4 ? `10.77.${i}.` : `fd77:${i}::`;
    const id = `pw${Deno.pid}`;
    this.#router = `${id}r`;
    const host = (i: number): Host => ({
      ...{ name: `${id}h${i}`, link: "uplink", remoteLink: `downlink${i}` },
      ...{ address: `${network(i)}2`, gateway: `${network(i)}1` },
    });
    this.#hosts = [host(1), host(2)];
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
    return this.#hosts[1].address;
  }

  /** Has the router forward no larger packets to the far host, bytes. */
  async limit(mtu: number): Promise<void> {
    const { remoteLink } = this.#hosts[1];
    await ip("-n", this.#router, "link", "set", remoteLink, "mtu", `${mtu}`);
  }

  /** Has the router say nothing (ICMP) to the near host. */
  async silence(): Promise<void> {
    const { address } = this.#hosts[0];
    const family = address.includes(":") ? "-6" : "-4";
    const rule = ["add", "iif", "lo", "to", address, "blackhole"];
    await ip(family, "-n", this.#router, "rule", ...rule);
  }

  /** Starts Deno on a host. */
  start(where: "near" | "far", args: string[]): Process {
    const { name } = this.#hosts[where === "near" ? 0 : 1];
    return new Process("ip", ["netns", "exec", name, Deno.execPath(), ...args]);
  }

  async #build(): Promise<void> {
    const router = this.#router;
    await ip("netns", "add", router);
    for (const { name, link, address, remoteLink, gateway } of this.#hosts) {
      await ip("netns", "add", name);
      await ip(
        ...["link", "add", "name", link, "netns", name, "type", "veth"],
        ...["peer", "name", remoteLink, "netns", router],
      );
      await setAddress(name, address, link);
      await setAddress(router, gateway, remoteLink);
      await ip("-n", name, "link", "set", "lo", "up");
      await ip("-n", name, "link", "set", link, "up");
      await ip("-n", router, "link", "set", remoteLink, "up");
      await ip("-n", name, "route", "add", "default", "via", gateway);
    }
    for (const name of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) {
      const forward = `echo 1 > /proc/sys/net/${name}`;
      await ip("netns", "exec", router, "sh", "-c", forward);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const names = [this.#router, ...this.#hosts.map(({ name }) => name)];
    for (const name of names) await ip("netns", "del", name).catch(() => {});
  }
}

/** Gives a link an address that can be used at once. */
async function setAddress(
  host: string,
  address: string,
  link: string,
): Promise<void> {
  const [bits, ...more] = address.includes(":") ? ["64", "nodad"] : ["24"];
  const range = `${address}/${bits}`;
  await ip("-n", host, "addr", "add", range, "dev", link, ...more);
}

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr);
  throw new Error(`ip ${args.join(" ")}: ${said}`);
}
