/** Hosts and the links between them, in network namespaces of Linux. */
import { Process } from "./processes.ts";

/** One end of a link: on which host, its name there, and its address. */
export interface LinkEnd {
  host: string;
  link: string;
  /** IPv4, of a network of 24 bits, or IPv6, of one of 64. */
  address: string;
}

/** Hosts of a network of their own, until the end of the scope; as root. */
export class Network implements AsyncDisposable {
  readonly #prefix = `pw${crypto.randomUUID().slice(0, 8)}-`;
  readonly #hosts: string[] = [];

  /** @throws {Error} where `ip` can't make a namespace, such as not as root. */
  async addHost(host: string): Promise<void> {
    const name = this.#prefix + host;
    await ip("netns", "add", name);
    this.#hosts.push(name);
    await ip("-n", name, "link", "set", "lo", "up");
  }

  /** Makes a link between two hosts; their ends are up. */
  async connect(left: LinkEnd, right: LinkEnd): Promise<void> {
    await ip(
      ...["link", "add", "name", left.link],
      ...["netns", this.#prefix + left.host, "type", "veth"],
      ...["peer", "name", right.link, "netns", this.#prefix + right.host],
    );
    for (const { host, link, address } of [left, right]) {
      const [bits, ...more] = address.includes(":") ? ["64", "nodad"] : ["24"];
      const range = `${address}/${bits}`;
      await this.ip(host, "addr", "add", range, "dev", link, ...more);
      await this.ip(host, "link", "set", link, "up");
    }
  }

  /** Has a host send on what is not for itself. */
  async forward(host: string): Promise<void> {
    for (const name of ["ipv4/ip_forward", "ipv6/conf/all/forwarding"]) {
      const forward = `echo 1 > /proc/sys/net/${name}`;
      const [program, ...args] = this.on(host, "sh", ["-c", forward]);
      await output(program, args);
    }
  }

  /**
   * Runs `ip` for a host, and returns what it writes.
   *
   * @throws {Error} with what `ip` says where it fails.
   */
  ip(host: string, ...args: string[]): Promise<string> {
    // The family stands before everything else.
    const family = /^-[46]$/.test(args[0]) ? [args.shift()!] : [];
    return ip(...family, "-n", this.#prefix + host, ...args);
  }

  /** Runs `tc` for a host, as {@linkcode Network.ip} does `ip`. */
  tc(host: string, ...args: string[]): Promise<string> {
    return output("tc", ["-n", this.#prefix + host, ...args]);
  }

  /** Starts a program on a host. */
  start(host: string, program: string, args: string[]): Process {
    const [first, ...rest] = this.on(host, program, args);
    return new Process(first, rest);
  }

  /** The command that runs a program on a host. */
  on(host: string, program: string, args: string[]): string[] {
    return ["ip", "netns", "exec", this.#prefix + host, program, ...args];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#hosts) {
      await ip("netns", "del", name).catch(() => {});
    }
  }
}

function ip(...args: string[]): Promise<string> {
  return output("ip", args);
}

async function output(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args })
    .output();
  const text = new TextDecoder();
  if (success) return text.decode(stdout);
  throw new Error(`${program} ${args.join(" ")}: ${text.decode(stderr)}`);
}
