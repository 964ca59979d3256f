/** The real relay as a process, between real sockets and real peers. */
import { assert, assertEquals } from "@std/assert";
import { startClient, startServer } from "../../../tools/processes.ts";
import {
  type RelayProcess,
  startLoneRelay,
  startRelay,
} from "../../../tools/impair/relay_process.ts";
import { pause, testWith, until } from "../../support.ts";
import {
  answerOf,
  connectTo,
  makePeer,
  offerOf,
  peerTest,
  whenState,
} from "../../transport/pair.ts";

/** Longer than anything takes to get through, milliseconds. */
const OUTAGE_MS = 500;

function bind() {
  const options = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
  const socket = Deno.listenDatagram(options);
  const { port } = socket.addr as Deno.NetAddr;
  const sdp = `v=0\r\na=candidate:1 1 udp 1 127.0.0.1 ${port} typ host\r\n`;
  return {
    socket,
    sdp,
    [Symbol.dispose]: () => socket.close(),
  };
}

function portIn(sdp: unknown): number {
  return Number(/127\.0\.0\.1 (\d+) typ host/.exec(String(sdp))![1]);
}

/** Two sockets, and where each finds the other behind the relay. */
async function connectSockets(
  relay: RelayProcess,
  offerer: ReturnType<typeof bind>,
  answerer: ReturnType<typeof bind>,
) {
  const offer = await relay.post("/pairs", { sdp: offerer.sdp });
  const path = `/pairs/${offer.pair}`;
  const answer = await relay.post(path, { sdp: answerer.sdp });
  const at = (sdp: unknown) =>
    ({ transport: "udp", hostname: "127.0.0.1", port: portIn(sdp) }) as const;
  return { path, toAnswerer: at(answer.sdp), toOfferer: at(offer.sdp) };
}

testWith([], "The relay passes datagrams both ways, unchanged", async () => {
  await using relay = await startLoneRelay(["--delay", "5"]);
  using left = bind();
  using right = bind();
  const { toAnswerer, toOfferer } = await connectSockets(relay, left, right);
  const large = Uint8Array.from({ length: 16_500 }, (_, i) => i);
  for (const data of [Uint8Array.of(1, 2, 3), large]) {
    const before = performance.now();
    await left.socket.send(data, toAnswerer);
    assertEquals((await right.socket.receive())[0], data);
    await right.socket.send(data, toOfferer);
    assertEquals((await left.socket.receive())[0], data);
    assert(performance.now() - before >= 10);
  }
  const { toAnswerer: { delivered, bytesDelivered }, pairs } = await relay
    .counters();
  assertEquals([delivered, bytesDelivered], [2, 16_503]);
  assertEquals(pairs[0].toOfferer, { packets: 2, bytes: 16_503 });
});

testWith([], "The relay counts what is missing", async () => {
  await using relay = await startLoneRelay(["--loss", "20", "--seed", "3"]);
  using left = bind();
  using right = bind();
  const { toAnswerer } = await connectSockets(relay, left, right);
  const reading = (async () => {
    for (let received = 0;; received++) {
      const [data] = await right.socket.receive();
      if (data.length === 1) return received;
    }
  })();
  for (let i = 0; i < 400; i++) {
    await left.socket.send(new Uint8Array(100), toAnswerer);
    // A burst of all would overflow a socket's buffer, unseen.
    if (i % 20 === 0) await pause(2);
  }
  // The last one: nothing overtakes it.
  await relay.impair({ loss: 0 });
  await left.socket.send(new Uint8Array(1), toAnswerer);
  const received = await reading;
  const { toAnswerer: { lost, received: taken } } = await relay.counters();
  assertEquals(taken, 401);
  assertEquals(received + lost, 400);
  assert(lost > 40 && lost < 120, `${lost}`);
});

testWith([], "Pairs that are apart don't wait for one another", async () => {
  await using relay = await startLoneRelay([
    ...["--rate", "1", "--queue", "5000", "--apart"],
  ]);
  using left = bind();
  using right = bind();
  using other = bind();
  using last = bind();
  const { toAnswerer } = await connectSockets(relay, left, right);
  const apart = await connectSockets(relay, other, last);
  for (let i = 0; i < 50; i++) {
    await left.socket.send(new Uint8Array(1200), toAnswerer);
  }
  await other.socket.send(new Uint8Array(1200), apart.toAnswerer);
  await last.socket.receive();
  const { toAnswerer: { received }, pairs } = await relay.counters();
  assertEquals(received, 51);
  // On one link it would be the last of all.
  assert(pairs[0].toAnswerer.packets < 50);
});

testWith([], "The relay gives the offerer a new address", async () => {
  await using relay = await startLoneRelay();
  using left = bind();
  using right = bind();
  const { path, toAnswerer } = await connectSockets(relay, left, right);
  await left.socket.send(Uint8Array.of(1), toAnswerer);
  const [, before] = await right.socket.receive();
  await fetch(`${relay.url}${path}/rebind`, { method: "POST" });
  await left.socket.send(Uint8Array.of(2), toAnswerer);
  const [, after] = await right.socket.receive();
  assert((before as Deno.NetAddr).port !== (after as Deno.NetAddr).port);
  await right.socket.send(Uint8Array.of(3), after);
  assertEquals((await left.socket.receive())[0], Uint8Array.of(3));
});

testWith([], "The relay says what is wrong with a request", async () => {
  await using relay = await startLoneRelay();
  const offer = await relay.post("/pairs", { sdp: "v=0" });
  assertEquals(
    offer.detail,
    "The SDP has no host candidate of UDP and IPv4 to relay to",
  );
  using left = bind();
  const answer = await relay.post("/pairs/7", { sdp: left.sdp });
  assertEquals(answer.detail, "There is no pair 7");
  const response = await fetch(`${relay.url}/impairments`, {
    method: "PATCH",
    body: JSON.stringify({ lag: 3 }),
  });
  assertEquals(await response.json(), {
    detail: "There is no impairment lag of 3",
  });
});

peerTest(
  "Real peers connect through the relay, and outlive an outage",
  async () => {
    await using relay = await startLoneRelay(["--delay", "5"]);
    await using left = await makePeer();
    await using right = await makePeer();
    const received: unknown[] = [];
    right.peer.onDataChannel.subscribe((remote) =>
      remote.onMessage.subscribe((message) => received.push(message))
    );
    const channel = left.peer.createDataChannel("data");
    const offer = await relay.post("/pairs", { sdp: await offerOf(left.peer) });
    const answer = await answerOf(right.peer, String(offer.sdp));
    const { sdp } = await relay.post(`/pairs/${offer.pair}`, { sdp: answer });
    await connectTo(left.peer, String(sdp));
    await whenState(channel, "open");

    await relay.impair({ down: true });
    channel.send("sent in an outage");
    // That nothing comes, nothing tells: it would take a few milliseconds.
    await pause(OUTAGE_MS);
    assertEquals(received, []);
    await relay.impair({ down: false });
    await until(() => received.length > 0, { what: "the message" });
    assertEquals(received, ["sent in an outage"]);
  },
);

testWith(["ffmpeg"], "The relay stands between client and server", async () => {
  await using server = await startServer();
  await using relay = await startRelay(server, [
    ...["--delay", "10", "--loss", "5"],
  ]);
  const args = ["--duration", "2", "--points", "20000", "--json"];
  await using client = startClient(relay, args);
  await client.finished();
  const report = JSON.parse(await client.stdout);
  // A busy machine drops some, and its client says so.
  assert(report.framesSent > 0, client.stderr.join("\n"));
  assertEquals(report.framesAcked, report.framesSent);
  const sessions = await (await fetch(`${relay.url}/sessions`)).json();
  assert(Array.isArray(sessions));
  const { toAnswerer } = await relay.counters();
  assert(toAnswerer.lost > 0 && toAnswerer.bytesReceived > report.bytesSent);
});
