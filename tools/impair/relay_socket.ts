import type { UdpAddress } from "./sdp.ts";

/** Called for each datagram, which the callback may keep, with its sender. */
export type OnDatagram = (data: Uint8Array, from: UdpAddress) => void;

/** A UDP socket on 127.0.0.1 that hands out datagrams only when asked. */
export interface RelaySocket extends Disposable {
  readonly port: number;
  /** Hands out all datagrams that have come by now. */
  receive(onDatagram: OnDatagram): void;
  send(data: Uint8Array, to: UdpAddress): void;
}

/** Bytes asked of the kernel for each socket: enough for long stalls. */
const BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_DATAGRAM_BYTES = 65_536;

/**
 * Binds a socket. On Linux it is made by the C library through FFI: Deno can't
 * set the size of a receive buffer, and a relay must not lose packets of its
 * own accord; a call costs a third of what an asynchronous one does besides.
 * Elsewhere it is Deno's.
 */
export function bindRelaySocket(): RelaySocket {
  return Deno.build.os === "linux" ? new LibcSocket() : new DenoSocket();
}

type Libc = ReturnType<typeof openLibc>;
let libc: Libc | undefined;

function openLibc() {
  return Deno.dlopen("libc.so.6", {
    socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
    bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
    getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
    setsockopt: {
      parameters: ["i32", "i32", "i32", "buffer", "u32"],
      result: "i32",
    },
    recvfrom: {
      parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"],
      result: "isize",
    },
    sendto: {
      parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"],
      result: "isize",
    },
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
  readonly #c: Libc;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(MAX_DATAGRAM_BYTES);
  readonly #from = new Uint8Array(SOCKADDR_BYTES);
  readonly #fromNumbers = new Uint32Array(this.#from.buffer, 0, 2);
  #last: { family: number; address: number; from: UdpAddress } | undefined;
  readonly #fromLength = Uint32Array.of(SOCKADDR_BYTES);
  readonly #to = new Uint8Array(SOCKADDR_BYTES);
  #toAddress: UdpAddress | undefined;

  constructor() {
    this.#c = libc ??= openLibc();
    this.#fd = this.#c.socket(AF_INET, SOCK_DGRAM_NONBLOCK, 0);
    const size = new Uint8Array(Int32Array.of(BUFFER_BYTES).buffer);
    for (const option of [SO_RCVBUF, SO_SNDBUF]) {
      this.#c.setsockopt(this.#fd, SOL_SOCKET, option, size, 4);
    }
    const address = sockaddr({ hostname: "127.0.0.1", port: 0 });
    if (this.#fd < 0 || this.#c.bind(this.#fd, address, SOCKADDR_BYTES) < 0) {
      throw new Error("Can't bind a UDP socket on 127.0.0.1");
    }
    const length = Uint32Array.of(SOCKADDR_BYTES);
    this.#c.getsockname(this.#fd, address, new Uint8Array(length.buffer));
    this.port = address[2] << 8 | address[3];
  }

  receive(onDatagram: OnDatagram): void {
    const c = this.#c;
    const buffer = this.#buffer;
    const size = BigInt(buffer.length);
    const fromLength = new Uint8Array(this.#fromLength.buffer);
    while (true) {
      this.#fromLength[0] = SOCKADDR_BYTES;
      const from = this.#from;
      const length = Number(
        c.recvfrom(this.#fd, buffer, size, 0, from, fromLength),
      );
      if (length < 0) return;
      onDatagram(buffer.slice(0, length), this.#sender());
    }
  }

  /** Returns the last datagram's sender: mostly the same as before. */
  #sender(): UdpAddress {
    const [family, address] = this.#fromNumbers;
    const last = this.#last;
    if (last?.family === family && last.address === address) return last.from;
    const bytes = this.#from;
    const from = {
      hostname: bytes.subarray(4, 8).join("."),
      port: bytes[2] << 8 | bytes[3],
    };
    this.#last = { family, address, from };
    return from;
  }

  send(data: Uint8Array<ArrayBuffer>, to: UdpAddress): void {
    if (to !== this.#toAddress) {
      this.#to.set(sockaddr(to));
      this.#toAddress = to;
    }
    const size = BigInt(data.length);
    this.#c.sendto(this.#fd, data, size, 0, this.#to, SOCKADDR_BYTES);
  }

  [Symbol.dispose](): void {
    this.#c.close(this.#fd);
  }
}

function sockaddr({ hostname, port }: UdpAddress): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SOCKADDR_BYTES);
  new Uint16Array(bytes.buffer, 0, 1)[0] = AF_INET;
  bytes[2] = port >> 8;
  bytes[3] = port;
  bytes.set(hostname.split(".").map(Number), 4);
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
