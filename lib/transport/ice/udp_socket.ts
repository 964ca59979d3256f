import { Buffer } from "node:buffer";
import { settlesWithin } from "../../async.ts";
import type { Outgoing } from "./burst_io.ts";
import { BurstSocket } from "./burst_socket.ts";
import type { Fragments } from "./fragments.ts";
import type { Address, DatagramSocket } from "../werift/ice_protocol.ts";

/** Datagrams that may wait for the kernel to take them: more are lost. */
const MAX_WAITING = 1024;
/** Longest wait for what was sent before the end, milliseconds. */
const LAST_WORDS_MS = 50;
/** A datagram of 64 KiB, the largest that UDP has. */
const MAX_DATAGRAM_BYTES = 65_536;
/** Whether this Deno has datagram sockets of its own (`--unstable-net`). */
export const HAS_DATAGRAM_SOCKETS: boolean =
  typeof (Deno as { listenDatagram?: unknown }).listenDatagram === "function";

/**
 * A UDP socket for werift's ICE agent, in place of its own. It receives into
 * buffers that are used again: node:dgram, on which werift's is built,
 * allocates 64 KiB for every datagram.
 */
export class UdpSocket implements DatagramSocket {
  readonly type = "udp";
  closed = false;
  /** Called with a copy of each datagram that `intercept` left. */
  onData: (data: Buffer, from: [host: string, port: number]) => void = () => {};
  /**
   * Called for each datagram first, in a buffer that is overwritten afterwards;
   * returns whether it took it.
   */
  intercept: ((data: Uint8Array) => boolean) | undefined;
  readonly #socket: Deno.DatagramConn;
  readonly #bursts: BurstSocket | undefined;
  readonly #receiving: Promise<void>;
  /** The first one is being sent. */
  readonly #waiting: Outgoing[] = [];
  /** Resolves when all that waits has been sent. */
  #sending: Promise<void> = Promise.resolve();

  private constructor(socket: Deno.DatagramConn) {
    this.#socket = socket;
    this.#bursts = BurstSocket.of(socket);
    this.#receiving = this.#receive();
  }

  /**
   * Binds a socket to all addresses.
   *
   * @param portRange first and last UDP port to try; any free one without it.
   * @throws {Deno.errors.AddrInUse} where all of them are taken.
   */
  static bind(family: 4 | 6, portRange?: [number, number]): UdpSocket {
    const hostname = family === 4 ? "0.0.0.0" : "::";
    let port = portRange?.[0] ?? 0;
    for (;; port++) {
      try {
        const options = { transport: "udp", hostname, port } as const;
        return new UdpSocket(Deno.listenDatagram(options));
      } catch (error) {
        const isTaken = error instanceof Deno.errors.AddrInUse;
        if (!isTaken || port >= (portRange?.[1] ?? port)) throw error;
      }
    }
  }

  /** The address it is bound to, as node:dgram has it. */
  get address(): { address: string; port: number; family: string } {
    const { hostname, port } = this.#socket.addr as Deno.NetAddr;
    return { address: hostname, port, family: `IPv${this.addressFamily}` };
  }

  get addressFamily(): 4 | 6 {
    const { hostname } = this.#socket.addr as Deno.NetAddr;
    return hostname.includes(":") ? 6 : 4;
  }

  get host(): string {
    return this.address.address;
  }

  get port(): number {
    return this.address.port;
  }

  /** Whether it can send what must not be cut on its way. */
  get canForbidFragments(): boolean {
    return this.#bursts !== undefined;
  }

  /** Sends a datagram, which must not be changed. Lost ones are no error. */
  readonly send = (data: Uint8Array, to?: Address): Promise<void> => {
    if (to !== undefined && !this.closed) this.sendTo(data, to[0], to[1]);
    return Promise.resolve();
  };

  /**
   * The same without a promise. Datagrams leave in the order of the calls.
   *
   * @param fragments whether it may be cut on its way. @default {"usual"}
   */
  sendTo(
    data: Uint8Array,
    hostname: string,
    port: number,
    fragments?: Fragments,
  ): void {
    if (this.#waiting.length >= MAX_WAITING) return;
    const to = { transport: "udp", hostname, port } as const;
    this.#waiting.push({ data, to, fragments });
    if (this.#waiting.length === 1) this.#sending = this.#sendWaiting();
  }

  /** One call at a time: Deno sends those of one turn in the reverse order. */
  async #sendWaiting(): Promise<void> {
    const waiting = this.#waiting;
    // What this turn has to send goes in as few calls as it can.
    if (this.#bursts !== undefined) await undefined;
    let sent = 0;
    while (sent < waiting.length) {
      const { data, to, fragments = "usual" } = waiting[sent];
      const isSet = this.#bursts?.setFragments(fragments) ?? false;
      const together = isSet ? this.#bursts!.send(waiting, sent) : 0;
      if (together === 0 && (isSet || fragments !== "forbidden")) {
        try {
          await this.#socket.send(data, to);
        } catch {
          // Refused, too large, or the socket was closed: it is lost.
        }
      }
      sent += together || 1;
      if (sent < 64) continue;
      waiting.splice(0, sent);
      sent = 0;
    }
    waiting.length = 0;
  }

  readonly close = async (): Promise<void> => {
    if (this.closed) return;
    this.closed = true;
    // What was said last says that it is over.
    await settlesWithin(LAST_WORDS_MS, this.#sending);
    this.#bursts?.close();
    this.#socket.close();
    await this.#receiving;
  };

  /** One at a time: of several receptions the order isn't kept. */
  async #receive(): Promise<void> {
    const buffer = new Uint8Array(MAX_DATAGRAM_BYTES);
    while (!this.closed) {
      let received;
      try {
        received = await this.#socket.receive(buffer);
      } catch (error) {
        // What an earlier datagram met with (ICMP) says nothing of the next.
        if (isRefusal(error)) continue;
        return;
      }
      const [data, from] = received;
      this.#take(data, () => from as Deno.NetAddr);
      this.#bursts?.receive((data, from) => this.#take(data, from));
    }
  }

  #take(data: Uint8Array, from: () => Deno.NetAddr): void {
    if (this.intercept?.(data)) return;
    const { hostname, port } = from();
    this.onData(Buffer.from(data), [hostname, port]);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionRefused ||
    error instanceof Deno.errors.ConnectionReset;
}
