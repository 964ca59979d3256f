/**
 * Many datagrams by one system call, as no interface of Deno's has it: by the
 * system's libc, on Linux, where `--allow-ffi` lets us.
 */
import type { Libc } from "../native/libc.ts";
import { type Fragments, setFragments } from "./fragments.ts";
import { bytesOfAddress } from "./ip_address.ts";

/** A datagram and where it is to go. */
export interface Outgoing {
  readonly data: Uint8Array;
  readonly to: Deno.NetAddr;
  /** Whether it may be cut on its way. @default {"usual"} */
  readonly fragments?: Fragments;
}

/** Of Linux's headers; the same on x86-64 and arm64. */
const AF_INET = 2;
const AF_INET6 = 10;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_RCVBUF = 8;
const SO_RCVBUFFORCE = 33;
const SOCK_DGRAM = 2;
const SOL_UDP = 17;
const UDP_SEGMENT = 103;
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** Bytes of `struct msghdr`, `mmsghdr`, `iovec`, and the largest address. */
const MSGHDR_BYTES = 56;
const MMSGHDR_BYTES = 64;
const IOVEC_BYTES = 16;
const SOCKADDR_BYTES = 28;
const SOCKADDR_IN_BYTES = 16;
/** Bytes of a control message of one uint16, and the same padded. */
const CONTROL_LENGTH = 18;
const CONTROL_BYTES = 24;

/** Where the parts of an outgoing message are: its header comes first. */
const OUT = { name: 56, vector: 88, control: 104 } as const;

/** Segments that every kernel takes, and bytes of all of them. */
const MAX_SEGMENTS = 64;
const MAX_BURST_BYTES = 65_000;
const MAX_DATAGRAM_BYTES = 65_536;
/** Datagrams that are received at once. */
const RECEIVED = 16;
/**
 * The receive buffer that is asked for, bytes: some 500 packets. The kernel
 * gives no more than net.core.rmem_max, but to root.
 */
const RECEIVE_BUFFER_BYTES = 1024 * 1024;
/** File descriptors that are looked at for a socket. */
const MAX_DESCRIPTORS = 16_384;

/** What all sockets of a thread send and receive through, one at a time. */
export class BurstIo {
  readonly #libc: Libc;
  /** The message header, its address, its one vector, its control message. */
  readonly #out = new Uint8Array(new ArrayBuffer(128));
  readonly #outView = new DataView(this.#out.buffer);
  readonly #burst = new Uint8Array(MAX_DATAGRAM_BYTES);
  readonly #in = new Uint8Array(RECEIVED * (MMSGHDR_BYTES + IOVEC_BYTES));
  readonly #inView = new DataView(this.#in.buffer);
  readonly #received = new Uint8Array(RECEIVED * MAX_DATAGRAM_BYTES);
  readonly #from = new Uint8Array(RECEIVED * SOCKADDR_BYTES);
  readonly #fromView = new DataView(this.#from.buffer);
  /** The newest address, and its bytes. */
  #hostname = "";
  #address: Uint8Array | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#layOut();
    for (let i = 0; i < RECEIVED; i++) this.#layIn(i);
  }

  /** Finds the descriptor of a UDP socket, by the address it is bound to. */
  descriptorOf({ hostname, port }: Deno.NetAddr): number | undefined {
    const wanted = bytesOfAddress(hostname);
    if (wanted === undefined) return undefined;
    const name = new Uint8Array(new ArrayBuffer(SOCKADDR_BYTES));
    const view = new DataView(name.buffer);
    const length = new Uint32Array(new ArrayBuffer(4));
    const type = new Uint32Array(new ArrayBuffer(4));
    const { getsockname, getsockopt } = this.#libc;
    for (let fd = 0; fd < MAX_DESCRIPTORS; fd++) {
      length[0] = SOCKADDR_BYTES;
      if (getsockname(fd, name, length) !== 0) continue;
      if (view.getUint16(2) !== port || !hasAddress(name, wanted)) continue;
      length[0] = 4;
      getsockopt(fd, SOL_SOCKET, SO_TYPE, type, length);
      if (type[0] === SOCK_DGRAM) return fd;
    }
  }

  /** Says whether datagrams may be cut. @returns whether the kernel took it. */
  setFragments(fd: number, family: 4 | 6, fragments: Fragments): boolean {
    return setFragments(this.#libc, fd, family, fragments);
  }

  /** Asks for a larger receive buffer than sockets have, where it is. */
  growBuffer(fd: number): void {
    const { getsockopt, setsockopt } = this.#libc;
    const bytes = new Uint32Array(new ArrayBuffer(4));
    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes, Uint32Array.of(4));
    // The kernel has twice what is asked for, and tells that.
    if (bytes[0] >= 2 * RECEIVE_BUFFER_BYTES) return;
    bytes[0] = RECEIVE_BUFFER_BYTES;
    const isForced = setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes, 4) === 0;
    if (!isForced) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes, 4);
  }

  /**
   * Sends the datagrams from `first` on that go together: to one address, of
   * one size but the last, which may be smaller.
   *
   * @param family of the socket.
   * @returns how many the kernel took.
   */
  send(
    fd: number,
    family: 4 | 6,
    waiting: readonly Outgoing[],
    first: number,
  ): number {
    const { to, data: { length: size }, fragments } = waiting[first];
    if (!this.#setAddress(to, family)) return 0;
    let count = 0;
    let bytes = 0;
    for (let i = first; i < waiting.length && count < MAX_SEGMENTS; i++) {
      const { data, to: { hostname, port }, fragments: own } = waiting[i];
      const isFurther = count > 0 &&
        (hostname !== to.hostname || port !== to.port || data.length > size ||
          own !== fragments && (own ?? "usual") !== "usual");
      if (isFurther || bytes + data.length > MAX_BURST_BYTES) break;
      this.#burst.set(data, bytes);
      bytes += data.length;
      count++;
      if (data.length < size) break;
    }
    if (count === 0) return 0;
    const view = this.#outView;
    view.setBigUint64(OUT.vector + 8, BigInt(bytes), true);
    view.setBigUint64(40, BigInt(count > 1 ? CONTROL_BYTES : 0), true);
    view.setUint16(OUT.control + 16, size, true);
    const sent = this.#libc.sendmsg(fd, this.#out, MSG_DONTWAIT_NOSIGNAL);
    return sent >= 0 ? count : 0;
  }

  /**
   * Receives what is there, at most 16 datagrams.
   *
   * @param take returns whether to go on.
   */
  receive(
    fd: number,
    take: (data: Uint8Array, from: () => Deno.NetAddr) => boolean,
  ): void {
    const view = this.#inView;
    for (let i = 0; i < RECEIVED; i++) {
      view.setUint32(i * MMSGHDR_BYTES + 8, SOCKADDR_BYTES, true);
    }
    const count = this.#libc.recvmmsg(
      fd,
      this.#in,
      RECEIVED,
      MSG_DONTWAIT_NOSIGNAL,
      null,
    );
    for (let i = 0; i < count; i++) {
      const start = i * MAX_DATAGRAM_BYTES;
      const length = view.getUint32(i * MMSGHDR_BYTES + MSGHDR_BYTES, true);
      const data = this.#received.subarray(start, start + length);
      if (!take(data, () => this.#senderOf(i))) return;
    }
  }

  #layOut(): void {
    const view = this.#outView;
    const base = addressOf(this.#out);
    view.setBigUint64(0, base + BigInt(OUT.name), true);
    view.setBigUint64(16, base + BigInt(OUT.vector), true);
    view.setBigUint64(24, 1n, true);
    view.setBigUint64(32, base + BigInt(OUT.control), true);
    view.setBigUint64(OUT.vector, addressOf(this.#burst), true);
    view.setBigUint64(OUT.control, BigInt(CONTROL_LENGTH), true);
    view.setUint32(OUT.control + 8, SOL_UDP, true);
    view.setUint32(OUT.control + 12, UDP_SEGMENT, true);
  }

  #layIn(i: number): void {
    const view = this.#inView;
    const vector = RECEIVED * MMSGHDR_BYTES + i * IOVEC_BYTES;
    const header = i * MMSGHDR_BYTES;
    const part = (bytes: Uint8Array<ArrayBuffer>, size: number) =>
      addressOf(bytes) + BigInt(i * size);
    view.setBigUint64(header, part(this.#from, SOCKADDR_BYTES), true);
    view.setBigUint64(header + 16, addressOf(this.#in) + BigInt(vector), true);
    view.setBigUint64(header + 24, 1n, true);
    view.setBigUint64(vector, part(this.#received, MAX_DATAGRAM_BYTES), true);
    view.setBigUint64(vector + 8, BigInt(MAX_DATAGRAM_BYTES), true);
  }

  #setAddress({ hostname, port }: Deno.NetAddr, family: 4 | 6): boolean {
    if (hostname !== this.#hostname) {
      this.#hostname = hostname;
      this.#address = bytesOfAddress(hostname);
    }
    const isFour = family === 4;
    const address = this.#address;
    if (address?.length !== (isFour ? 4 : 16)) return false;
    const view = this.#outView;
    view.setUint32(8, isFour ? SOCKADDR_IN_BYTES : SOCKADDR_BYTES, true);
    view.setUint16(OUT.name, isFour ? AF_INET : AF_INET6, true);
    view.setUint16(OUT.name + 2, port);
    // IPv6's flow information, where IPv4 has its address.
    view.setUint32(OUT.name + 4, 0);
    this.#out.set(address, OUT.name + (isFour ? 4 : 8));
    return true;
  }

  #senderOf(i: number): Deno.NetAddr {
    const at = i * SOCKADDR_BYTES;
    const port = this.#fromView.getUint16(at + 2);
    const hostname = this.#from.subarray(at + 4, at + 8).join(".");
    return { transport: "udp", hostname, port };
  }
}

function hasAddress(name: Uint8Array, wanted: Uint8Array): boolean {
  const family = name[0] | name[1] << 8;
  if (family !== (wanted.length === 4 ? AF_INET : AF_INET6)) return false;
  const at = family === AF_INET ? 4 : 8;
  return wanted.every((byte, i) => byte === name[at + i]);
}

function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}
