import { BurstSocket } from "./burst_socket.ts";

/** What is put into the socket, and how much of it has to be there. */
const DATAGRAM_BYTES = 1232;
const DATAGRAMS = 400;
/** Nothing more comes after so long, milliseconds. */
const QUIET_MS = 20;

/** The command (Linux) that makes the kernel's buffers as large as is best. */
export const LARGER_BUFFERS =
  "sysctl -w net.core.rmem_default=4194304 net.core.wmem_default=4194304";

/**
 * Counts the datagrams that wait in a socket's receive buffer before the kernel
 * drops more, by filling one: only a program with all permissions may read its
 * size.
 *
 * @returns how many of 400 datagrams of 1232 bytes there was room for.
 */
export async function receiveBufferRoom(): Promise<number> {
  const options = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
  const socket = Deno.listenDatagram(options);
  // As those that peers have.
  BurstSocket.of(socket);
  const to = socket.addr as Deno.NetAddr;
  const datagram = new Uint8Array(DATAGRAM_BYTES);
  for (let i = 0; i < DATAGRAMS; i++) await socket.send(datagram, to);
  let count = 0;
  let timer = setTimeout(() => socket.close(), QUIET_MS);
  try {
    while (count < DATAGRAMS) {
      await socket.receive(datagram);
      count++;
      clearTimeout(timer);
      timer = setTimeout(() => socket.close(), QUIET_MS);
    }
    socket.close();
  } catch {
    // It was closed: no more comes.
  }
  clearTimeout(timer);
  return count;
}

/**
 * Whether the kernel's receive buffers are so small that bursts overflow them;
 * `undefined` where that can't be found out.
 */
export async function hasSmallReceiveBuffers(): Promise<boolean | undefined> {
  if (typeof Deno.listenDatagram !== "function") return undefined;
  try {
    return await receiveBufferRoom() < DATAGRAMS;
  } catch {
    return undefined;
  }
}
