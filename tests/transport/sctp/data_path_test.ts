/** Real peers over our data path. */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { RTCDataChannel, RTCPeerConnection } from "werift";
import {
  CHUNK,
  COMMON_HEADER_BYTES,
  HEARTBEAT_BYTES,
} from "../../../lib/transport/sctp/packet.ts";
import { SctpSender } from "../../fuzz/sctp_peer.ts";
import { chunkOf, dataChunk } from "../../fuzz/sctp_write.ts";
import { until } from "../../support.ts";
import {
  connectPair,
  peerTest,
  tamperWithDatagrams,
  watchDatagrams,
  whenState,
} from "../pair.ts";

// werift is imported with them, and only while a test runs.
const install = () => import("../../../lib/transport/install.ts");

/** Resolves with so many messages of a channel. */
function messagesOf(
  channel: RTCDataChannel,
  count: number,
): Promise<(string | Buffer)[]> {
  const messages: (string | Buffer)[] = [];
  return new Promise((resolve) =>
    channel.onMessage.subscribe((message) => {
      if (messages.push(message) === count) resolve(messages);
    })
  );
}

peerTest("Messages of every size arrive as they were sent", async () => {
  const { undeliveredBytes } = await install();
  await using pair = await connectPair();
  const sizes = [1, 3, 1164, 1165, 65_536, 200_000, 1];
  const came = messagesOf(pair.remote, sizes.length + 1);
  const sent = sizes.map((size, i) => Buffer.alloc(size, i + 1));
  for (const data of sent) pair.channel.send(data);
  pair.channel.send("text");
  assert(undeliveredBytes(pair.left) > 0);
  const received = await came;
  assertEquals(received.slice(0, -1), sent);
  assertEquals(received.at(-1), "text");
  await until(() => undeliveredBytes(pair.left) === 0, {
    what: "the acknowledgement of all",
  });
  assertEquals(pair.channel.bufferedAmount, 0);
});

peerTest("No packet is larger than the path takes", async () => {
  for (const mtu of [576, 1280]) {
    let largest = 0;
    using _watching = watchDatagrams((_, { length }) => {
      largest = Math.max(largest, length);
    });
    await using pair = await connectPair({ left: { mtu }, right: { mtu } });
    largest = 0;
    const came = messagesOf(pair.remote, 1);
    pair.channel.send(Buffer.alloc(100_000));
    await came;
    // An IPv6 and a UDP header are 48 bytes.
    assert(largest <= mtu - 48 && largest > mtu - 48 - 8, `${mtu}: ${largest}`);
  }
});

peerTest(
  "Peers of one machine use large packets where they are asked to",
  async () => {
    const { useSameHostPath } = await import(
      "../../../lib/transport/same_host.ts"
    );
    const { undeliveredBytes } = await install();
    await using pair = await connectPair();
    await until(() => undeliveredBytes(pair.left) === 0, {
      what: "the acknowledgement of all",
    });
    await useSameHostPath(pair.left);
    let largest = 0;
    using _watching = watchDatagrams((_, { length }) => {
      largest = Math.max(largest, length);
    });
    const came = messagesOf(pair.remote, 20);
    for (let i = 0; i < 20; i++) pair.channel.send(Buffer.alloc(60_000, i));
    (await came).forEach((data, i) => assertEquals((data as Buffer)[0], i));
    assert(largest > 16_000 && largest <= 16_421, `${largest}`);
  },
);

peerTest("A datagram that was tampered with is passed over", async () => {
  await using pair = await connectPair();
  let count = 0;
  using _tampering = tamperWithDatagrams((datagram, pass) => {
    if (datagram[0] === 23 && count++ % 5 === 0) {
      datagram[datagram.length - 1 - count % 40] ^= 1;
    }
    pass();
  });
  const came = messagesOf(pair.remote, 20);
  for (let i = 0; i < 20; i++) pair.channel.send(Buffer.alloc(10_000, i));
  (await came).forEach((data, i) =>
    assertEquals(data, Buffer.alloc(10_000, i))
  );
  assert(count > 100);
});

peerTest(
  "What is sent before a channel closes arrives before it does",
  async () => {
    await using pair = await connectPair();
    let count = 0;
    // The reset must not overtake what is sent again.
    using _tampering = tamperWithDatagrams((datagram, pass) => {
      if (datagram[0] !== 23 || count++ % 7 !== 3) pass();
    });
    const second = pair.left.createDataChannel("second");
    const remote = await new Promise<RTCDataChannel>((resolve) =>
      pair.right.onDataChannel.subscribe(resolve)
    );
    await whenState(second, "open");
    let bytes = 0;
    remote.onMessage.subscribe((message) => bytes += message.length);
    for (let i = 0; i < 10; i++) second.send(Buffer.alloc(30_000));
    second.close();
    await whenState(remote, "closed");
    assertEquals(bytes, 300_000);
    await whenState(second, "closed");
  },
);

peerTest(
  "Both directions at once, many small messages, and unordered ones",
  async () => {
    await using pair = await connectPair();
    const count = 300;
    const there = messagesOf(pair.remote, count);
    const back = messagesOf(pair.channel, count);
    for (let i = 0; i < count; i++) {
      pair.channel.send(`there ${i}`);
      pair.remote.send(`back ${i}`);
    }
    (await there).forEach((text, i) => assertEquals(text, `there ${i}`));
    (await back).forEach((text, i) => assertEquals(text, `back ${i}`));

    const loose = pair.left.createDataChannel("loose", { ordered: false });
    const remote = await new Promise<RTCDataChannel>((resolve) =>
      pair.right.onDataChannel.subscribe(resolve)
    );
    await whenState(loose, "open");
    const all = messagesOf(remote, 50);
    for (let i = 0; i < 50; i++) loose.send(Buffer.alloc(2000, i));
    const values = (await all).map((data) => (data as Buffer)[0]);
    assertEquals(
      values.toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
  },
);

peerTest(
  "A peer that closes stops all timers and tells the other",
  async () => {
    await using pair = await connectPair();
    pair.channel.send(Buffer.alloc(100_000));
    await pair.left.close();
    await whenState(pair.remote, "closed");
    const { dataPathOf } = await install();
    const paths = [pair.left, pair.right].map((peer: RTCPeerConnection) =>
      dataPathOf(peer)
    );
    for (const path of paths) assertEquals(path?.undeliveredBytes, 0);
  },
);

peerTest("A peer may fill a packet to see whether it comes", async () => {
  const errors: unknown[] = [];
  await using pair = await connectPair({
    right: { onError: (error) => errors.push(error) },
  });
  const wire = new SctpSender(pair.left);
  await wire.settle();
  let answered = 0;
  using _watching = watchDatagrams((_, { length }) => {
    // In a record: as large as what was asked, without what filled it.
    if (length === 37 + COMMON_HEADER_BYTES + HEARTBEAT_BYTES) answered++;
  });
  await wire.sendChunks([
    chunkOf(CHUNK.heartbeat, [0x1000c, 1, 2], []),
    chunkOf(CHUNK.pad, Array<number>(250).fill(0), []),
  ]);
  await until(() => answered === 1, { what: "an answer" });
  assertEquals(errors, []);
});

peerTest("Data that comes along with an ABORT is delivered", async () => {
  const errors: unknown[] = [];
  await using pair = await connectPair({
    right: { onError: (error) => errors.push(error) },
  });
  const came = messagesOf(pair.remote, 1);
  const wire = new SctpSender(pair.left);
  await wire.settle();
  const { tsn } = wire.state;
  const data = { flags: 3, tsn, protocol: 51, streamId: pair.channel.id };
  const userData = new TextEncoder().encode("the last");
  await wire.sendChunks([
    dataChunk({ ...data, streamSequence: 1, userData }),
    chunkOf(CHUNK.abort, [], []),
  ]);
  assertEquals(await came, ["the last"]);
  await whenState(pair.remote, "closed");
  assertEquals(errors, []);
});
