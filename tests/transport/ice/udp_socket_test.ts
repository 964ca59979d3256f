import { assert, assertEquals, assertThrows } from "@std/assert";
import { receiveBufferRoom } from "../../../lib/transport/ice/receive_buffer.ts";
import { UdpSocket } from "../../../lib/transport/ice/udp_socket.ts";
import { testWith } from "../../support.ts";

testWith([], "UdpSocket hands out what its first reader leaves", async () => {
  const [left, right] = [UdpSocket.bind(4), UdpSocket.bind(4)];
  const read: [number[], number][] = [];
  const done = Promise.withResolvers<void>();
  right.intercept = (data) => data[0] === 1;
  right.onData = (data, [, port]) => {
    read.push([[...data], port]);
    if (data[0] === 9) done.resolve();
  };
  for (const first of [1, 2, 1, 9]) {
    await left.send(Uint8Array.of(first, 5), ["127.0.0.1", right.port]);
  }
  await done.promise;
  assertEquals(read, [[[2, 5], left.port], [[9, 5], left.port]]);
  await Promise.all([left.close(), right.close()]);
  // A closed one takes no offence.
  await left.send(Uint8Array.of(1), ["127.0.0.1", 9]);
});

testWith([], "UdpSocket sends in the order of the calls", async () => {
  const [left, right] = [UdpSocket.bind(4), UdpSocket.bind(4)];
  const order: number[] = [];
  const done = Promise.withResolvers<void>();
  right.onData = ([first]) => {
    if (order.push(first) === 60) done.resolve();
  };
  for (let i = 0; i < 60; i++) {
    left.sendTo(Uint8Array.of(i), "127.0.0.1", right.port);
  }
  await done.promise;
  assertEquals(order, Array.from({ length: 60 }, (_, i) => i));
  await Promise.all([left.close(), right.close()]);
});

testWith([], "what UdpSocket was given before it closes leaves", async () => {
  const [left, right] = [UdpSocket.bind(4), UdpSocket.bind(4)];
  const came: number[] = [];
  const done = Promise.withResolvers<void>();
  right.onData = ([first]) => {
    if (came.push(first) === 20) done.resolve();
  };
  for (let i = 0; i < 20; i++) {
    left.sendTo(Uint8Array.of(i), "127.0.0.1", right.port);
  }
  await left.close();
  await done.promise;
  assertEquals(came.length, 20);
  await right.close();
});

testWith([], "UdpSocket keeps to a range of ports", async () => {
  const first = UdpSocket.bind(4);
  const { port } = first;
  assertThrows(
    () => UdpSocket.bind(4, [port, port]),
    Deno.errors.AddrInUse,
  );
  const next = UdpSocket.bind(4, [port, port + 50]);
  assert(next.port > port && next.port <= port + 50);
  assertEquals(next.address.address, "0.0.0.0");
  assertEquals(next.addressFamily, 4);
  await Promise.all([first.close(), next.close()]);
});

testWith([], "receiveBufferRoom() finds room for some datagrams", async () => {
  const room = await receiveBufferRoom();
  assert(room > 10 && room <= 400, `${room}`);
});
