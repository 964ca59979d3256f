import { BurstIo, type Outgoing } from "../../lib/transport/ice/burst_io.ts";
import { LIBC, type Libc } from "../../lib/transport/native/libc.ts";
import type { UdpAddress } from "./sdp.ts";

/** Called for each datagram, which the callback may keep, with its sender. */
export type OnDatagram = (data: Uint8Array, from: UdpAddress) => void;

/** A UDP socket on 127.0.0.1 that hands out datagrams only when asked. */
export interface RelaySocket extends Disposable {
  readonly port: number;
  /** Hands out all datagrams that have come by now. */
  receive(onDatagram: OnDatagram): void;
  /** Sends a datagram, which must not be changed, at the next `flush`. */
  send(data: Uint8Array, to: UdpAddress): void;
  flush(): void;
}

/** Bytes asked of the kernel for each socket: enough for long stalls. */
const BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Binds a socket. On Linux it is made by the C library through FFI: Deno can't
 * set the size of a receive buffer, and a relay must not lose packets of its
 * own accord; and many datagrams go by one call. Elsewhere it is Deno's.
 */
export function bindRelaySocket(): RelaySocket {
  return LIBC ? new LibcSocket(LIBC) : new DenoSocket();
}

type SocketCalls = ReturnType<typeof openSocketCalls>;
let socketCalls: SocketCalls | undefined;
let io: BurstIo | undefined;

/** What makes and ends a socket; all else of libc is called elsewhere, too. */
function openSocketCalls() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
  }).symbols;
}

const AF_INET = 2;
const SOCK_DGRAM_NONBLOCK = 2 | 0x800;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
/** Bytes of a sockaddr_in: family and port, address (big-endian), padding. */
const SOCKADDR_BYTES = 16;

class LibcSocket implements RelaySocket {
  readonly port: number;
  readonly #calls: SocketCalls;
  readonly #io: BurstIo;
  readonly #fd: number;
  readonly #waiting: Outgoing[] = [];

  constructor(libc: Libc) {
    this.#calls = socketCalls ??= openSocketCalls();
    this.#io = io ??= new BurstIo(libc);
    this.#fd = this.#calls.socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0);
    const size = Uint32Array.of(BUFFER_BYTES);
    for (const option of [SO_RCVBUF, SO_SNDBUF]) {
      libc.setsockopt(this.#fd, SOL_SOCKET, option, size, 4);
    }
    const address = loopbackAddress();
    const isBound = this.#fd >= 0 &&
      this.#calls.bind(this.#fd, address, SOCKADDR_BYTES) >= 0;
    if (!isBound) throw new Error("Can't bind a UDP socket on 127.0.0.1");
    libc.getsockname(this.#fd, address, Uint32Array.of(SOCKADDR_BYTES));
    this.port = address[2] << 8 | address[3];
  }

  receive(onDatagram: OnDatagram): void {
    let count: number;
    do {
      count = 0;
      this.#io.receive(this.#fd, (data, from) => {
        count++;
        onDatagram(data.slice(), from());
        return true;
      });
    } while (count > 0);
  }

  send(data: Uint8Array, { hostname, port }: UdpAddress): void {
    const to = { transport: "udp", hostname, port } as const;
    this.#waiting.push({ data, to });
  }

  flush(): void {
    const waiting = this.#waiting;
    for (let sent = 0; sent < waiting.length;) {
      // One that the kernel refuses is lost.
      sent += this.#io.send(this.#fd, 4, waiting, sent) || 1;
    }
    waiting.length = 0;
  }

  [Symbol.dispose](): void {
    this.#calls.close(this.#fd);
  }
}

/** 127.0.0.1 and port 0. */
function loopbackAddress(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  new Uint16Array(bytes.buffer, 0, 1)[0] = AF_INET;
  bytes.set([127, 0, 0, 1], 4);
  return bytes;
}

class DenoSocket implements RelaySocket {
  readonly port: number;
  readonly #socket: Deno.DatagramConn;
  #received: [Uint8Array, UdpAddress][] = [];

  constructor() {
    this.#socket = Deno.listenDatagram({
      transport: "udp",
      hostname: "127.0.0.1",
      port: 0,
    });
    this.port = (this.#socket.addr as Deno.NetAddr).port;
    void this.#read();
  }

  receive(onDatagram: OnDatagram): void {
    for (const [data, from] of this.#received.splice(0)) onDatagram(data, from);
  }

  send(data: Uint8Array, to: UdpAddress): void {
    this.#socket.send(data, { transport: "udp", ...to }).catch(() => {});
  }

  flush(): void {}

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #read(): Promise<void> {
    try {
      for await (const [data, from] of this.#socket) {
        const { hostname, port } = from as Deno.NetAddr;
        this.#received.push([data, { hostname, port }]);
      }
    } catch {
      // It was closed.
    }
  }
}
