import { LIBC } from "../native/libc.ts";
import { BurstIo, type Outgoing } from "./burst_io.ts";
import type { Fragments } from "./fragments.ts";

/** What the sockets of this thread share. */
const IO = LIBC && new BurstIo(LIBC);

/** A UDP socket of Deno's whose datagrams go and come many at once. */
export class BurstSocket {
  readonly #io: BurstIo;
  readonly #fd: number;
  readonly #family: 4 | 6;
  #fragments: Fragments | undefined = "usual";
  #isClosed = false;

  private constructor(io: BurstIo, fd: number, family: 4 | 6) {
    this.#io = io;
    this.#fd = fd;
    this.#family = family;
  }

  /**
   * Takes a socket, which gets a larger receive buffer.
   *
   * @returns nothing where that can't be done here.
   */
  static of(socket: Deno.DatagramConn): BurstSocket | undefined {
    const address = socket.addr as Deno.NetAddr;
    const fd = IO?.descriptorOf(address);
    if (IO === undefined || fd === undefined) return undefined;
    IO.growBuffer(fd);
    return new BurstSocket(IO, fd, address.hostname.includes(":") ? 6 : 4);
  }

  /**
   * Has what is sent from now on cut, or not.
   *
   * @returns whether it is so.
   */
  setFragments(fragments: Fragments): boolean {
    if (this.#isClosed) return false;
    if (this.#fragments === fragments) return true;
    const isSet = this.#io.setFragments(this.#fd, this.#family, fragments);
    this.#fragments = isSet ? fragments : undefined;
    return isSet;
  }

  /**
   * Sends the datagrams from `first` on that go together.
   *
   * @returns how many were sent; where none was, Deno's socket says why.
   */
  send(waiting: readonly Outgoing[], first: number): number {
    if (this.#isClosed) return 0;
    return this.#io.send(this.#fd, this.#family, waiting, first);
  }

  /**
   * Receives what is there, at most 16 datagrams, where it is of IPv4.
   *
   * @param take is called with each, in a buffer that is overwritten then.
   */
  receive(
    take: (data: Uint8Array, from: () => Deno.NetAddr) => void,
  ): void {
    if (this.#isClosed || this.#family !== 4) return;
    this.#io.receive(this.#fd, (data, from) => {
      take(data, from);
      return !this.#isClosed;
    });
  }

  /** To be called before the socket is closed: its number is another's then. */
  close(): void {
    this.#isClosed = true;
  }
}
