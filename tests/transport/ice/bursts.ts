/** What native_test.ts runs with the permission to call libc. */
import { assert, assertEquals, assertExists } from "@std/assert";
import { BurstIo } from "../../../lib/transport/ice/burst_io.ts";
import { BurstSocket } from "../../../lib/transport/ice/burst_socket.ts";
import { receiveBufferRoom } from "../../../lib/transport/ice/receive_buffer.ts";
import { LIBC } from "../../../lib/transport/native/libc.ts";

const LOOPBACK = { 4: "127.0.0.1", 6: "::1" };

function listen(hostname: string, port = 0) {
  const socket = Deno.listenDatagram({ transport: "udp", hostname, port });
  const bursts = BurstSocket.of(socket);
  assertExists(bursts);
  const { port: bound } = socket.addr as Deno.NetAddr;
  return {
    socket,
    bursts,
    port: bound,
    [Symbol.dispose]() {
      bursts.close();
      socket.close();
    },
  };
}

/** Datagrams of these sizes, each of its own bytes. */
function datagrams(sizes: number[], hostname: string, port: number) {
  const to = { transport: "udp", hostname, port } as const;
  return sizes.map((size, i) => ({ data: new Uint8Array(size).fill(i), to }));
}

function hasIpv6(): boolean {
  try {
    listen("::1")[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

for (const family of hasIpv6() ? [4, 6] as const : [4] as const) {
  Deno.test(`datagrams of IPv${family} go together, and come whole`, async () => {
    const hostname = LOOPBACK[family];
    using left = listen(family === 4 ? "0.0.0.0" : "::");
    using right = listen(hostname);
    const sizes = [
      ...[700, 700, 700, 300],
      ...[900, 1200, 1200],
      ...Array<number>(70).fill(500),
    ];
    const waiting = datagrams(sizes, hostname, right.port);
    const together: number[] = [];
    for (let at = 0; at < waiting.length; at += together.at(-1)!) {
      together.push(left.bursts.send(waiting, at));
    }
    // A smaller one ends a burst, a larger one begins another; 64 are most.
    assertEquals(together, [4, 1, 3, 64, 5]);
    for (const { data } of waiting) {
      const [got] = await right.socket.receive(new Uint8Array(2000));
      assertEquals(got, data);
    }
  });
}

Deno.test("each destination has bursts of its own", async () => {
  using left = listen("0.0.0.0");
  using right = listen("127.0.0.1");
  using other = listen("127.0.0.1");
  const [first, second] = datagrams([9, 9], "127.0.0.1", right.port);
  const [third] = datagrams([9], "127.0.0.1", other.port);
  const waiting = [first, second, third, second];
  assertEquals(left.bursts.send(waiting, 0), 2);
  assertEquals(left.bursts.send(waiting, 2), 1);
  const [got] = await other.socket.receive();
  assertEquals(got, third.data);
});

Deno.test("what must not be cut goes with what may be, if it comes first", () => {
  using left = listen("0.0.0.0");
  using right = listen("127.0.0.1");
  const [first, last] = datagrams([900, 300], "127.0.0.1", right.port);
  const whole = { ...first, fragments: "forbidden" } as const;
  const waiting = [whole, whole, last, first, whole];
  assert(left.bursts.setFragments("forbidden"));
  assertEquals(left.bursts.send(waiting, 0), 3);
  assert(left.bursts.setFragments("usual"));
  assertEquals(left.bursts.send(waiting, 3), 1);
});

Deno.test("what libc doesn't send is left to Deno", () => {
  using left = listen("0.0.0.0");
  const sendTo = (hostname: string, bytes = 9) =>
    left.bursts.send(datagrams([bytes], hostname, 9), 0);
  assertEquals(sendTo("::1"), 0);
  assertEquals(sendTo("localhost"), 0);
  assertEquals(sendTo("127.0.0.1", 65_507), 0);
  left.bursts.close();
  assertEquals(sendTo("127.0.0.1"), 0);
});

Deno.test("what is there is received at once, with its sender", async () => {
  using left = listen("0.0.0.0");
  using right = listen("127.0.0.1");
  const waiting = datagrams([1200, 1200, 7], "127.0.0.1", right.port);
  assertEquals(left.bursts.send(waiting, 0), 3);
  const [first] = await right.socket.receive();
  const got: Uint8Array[] = [first];
  right.bursts.receive((data, from) => {
    got.push(data.slice());
    const { hostname, port } = from();
    assertEquals([hostname, port], ["127.0.0.1", left.port]);
  });
  assertEquals(got, waiting.map(({ data }) => data));
  right.bursts.receive(() => assert(false, "there is no more"));
});

Deno.test("a socket isn't taken for a TCP listener of its port", async () => {
  using tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using left = listen("0.0.0.0");
  using right = listen("127.0.0.1", tcp.addr.port);
  const waiting = datagrams([5], "127.0.0.1", left.port);
  assertEquals(right.bursts.send(waiting, 0), 1);
  const [got] = await left.socket.receive();
  assertEquals(got, waiting[0].data);
});

Deno.test("the receive buffer has more room than Linux gives", async () => {
  const room = await receiveBufferRoom();
  // As much as net.core.rmem_max lets anybody but root have.
  assert(room > 90, `room for ${room} datagrams`);
});

Deno.test("a receive buffer that is larger stays as it is", () => {
  const options = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
  const socket = Deno.listenDatagram(options);
  using _closing = { [Symbol.dispose]: () => socket.close() };
  const io = new BurstIo(LIBC!);
  const fd = io.descriptorOf(socket.addr as Deno.NetAddr)!;
  const [SOL_SOCKET, SO_RCVBUF, SO_RCVBUFFORCE] = [1, 8, 33];
  const bytes = Uint32Array.of(8 * 1024 * 1024);
  LIBC!.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes, 4);
  const sizeOf = () => {
    LIBC!.getsockopt(fd, SOL_SOCKET, SO_RCVBUF, bytes, Uint32Array.of(4));
    return bytes[0];
  };
  const before = sizeOf();
  io.growBuffer(fd);
  // Who isn't root has less before, and no less afterwards.
  assert(sizeOf() >= before, `${bytes[0]} of ${before}`);
});
