import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { settlesWithin } from "../../lib/async.ts";
import { createLogger } from "../../lib/log.ts";
import { DtlsRecords } from "../../lib/transport/dtls/records.ts";
import { Bbr } from "../../lib/transport/sctp/bbr.ts";
import { Inbound } from "../../lib/transport/sctp/inbound.ts";
import { Outbound } from "../../lib/transport/sctp/outbound.ts";
import type { SentChunk } from "../../lib/transport/sctp/sent_chunks.ts";
import { makePeer } from "../transport/pair.ts";
import { Bystander, catchUncaught, publishTo } from "./attack.ts";
import { udpPortsOf } from "../../tools/proc.ts";
import { recordDatagrams } from "./datagrams.ts";
import { anyMutant, mutate } from "./mutations.ts";
import { fuzz, keep } from "./fuzz.ts";
import { fuzzSettings, fuzzTest, inputsOf } from "./settings.ts";

const word = fc.oneof(
  fc.nat(40),
  fc.constantFrom(0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff),
);

/** What a peer's packets may do to the receiving side. */
const anyArrival = fc.oneof(
  fc.record({
    kind: fc.constant("data" as const),
    tsn: word,
    flags: fc.nat(15),
    streamId: fc.constantFrom(0, 1, 65_535),
    streamSequence: word,
    bytes: fc.nat(2000),
  }),
  fc.record({
    kind: fc.constant("forward" as const),
    tsn: word,
    streamId: fc.constantFrom(0, 1, 65_535),
    streamSequence: word,
  }),
  fc.record({ kind: fc.constant("sack" as const), most: fc.nat(300) }),
  fc.record({ kind: fc.constant("reset" as const), streamId: fc.nat(2) }),
);

fuzzTest([], "the receiving side of an association", () => {
  const { seed } = fuzzSettings();
  const property = fc.property(
    fc.array(anyArrival, { maxLength: 60, size: "max" }),
    (arrivals) => {
      let [sent, received] = [0, 0];
      const inbound = new Inbound(0, ({ data }) => received += data.length);
      for (const arrival of arrivals) {
        switch (arrival.kind) {
          case "data": {
            const userData = new Uint8Array(arrival.bytes);
            sent += arrival.bytes;
            inbound.data({ ...arrival, protocol: 53, userData });
            break;
          }
          case "forward":
            inbound.forward(arrival.tsn, [
              [arrival.streamId, arrival.streamSequence & 0xffff],
            ]);
            break;
          case "reset":
            inbound.resetStream(arrival.streamId);
            break;
          case "sack":
            inbound.endPacket(0);
            assertSound(inbound.takeSack(arrival.most));
        }
      }
      assert(received <= sent);
    },
  );
  fc.assert(property, { seed, numRuns: Math.ceil(inputsOf("inbound") / 30) });
});

function assertSound(sack: ReturnType<Inbound["takeSack"]>): void {
  let last = 0;
  for (const [from, to] of sack.gaps) {
    assert(from > last && to >= from && to <= 0xffff, JSON.stringify(sack));
    last = to;
  }
  assert(sack.window >= 0);
}

const anySack = fc.record({
  cumulativeTsn: word,
  window: word,
  gaps: fc.array(fc.tuple(word, word), { maxLength: 20 }).map((gaps) =>
    gaps.map(([a, b]): [number, number] => [a & 0xffff, b & 0xffff])
  ),
  duplicates: fc.array(word, { maxLength: 5 }),
});

fuzzTest([], "the sending side of an association", () => {
  const { seed } = fuzzSettings();
  const property = fc.property(
    fc.array(anySack, { maxLength: 40, size: "max" }),
    (sacks) => {
      const sent = new Set<number>();
      let now = 0;
      const outbound = new Outbound({
        initialTsn: 1,
        peerWindow: 100_000,
        maxPayload: 1000,
        overhead: 100,
        congestion: new Bbr({ packetBytes: 1100, initialWindow: 38_400 }),
        transmit: ({ tsn }: SentChunk) => void sent.add(tsn),
      });
      const data = new Uint8Array(1500);
      const message = { streamId: 0, streamSequence: 0, protocol: 53 };
      const send = () =>
        outbound.send({ ...message, data, ordered: true, onSent() {} }, now);
      for (const sack of sacks) {
        send();
        now += 5;
        outbound.acknowledge(sack, now);
        assert(outbound.undeliveredBytes >= outbound.queuedBytes);
        if (outbound.wakeAt <= now) outbound.wake(now);
      }
      // A peer that behaves from now on gets all.
      for (let turn = 0; turn < 2000 && outbound.undeliveredBytes > 0; turn++) {
        now = Math.max(now + 5, Math.min(outbound.wakeAt, now + 2000));
        outbound.wake(now);
        const cumulativeTsn = outbound.nextTsn - 1;
        const all = { gaps: [], duplicates: [], window: 100_000 };
        outbound.acknowledge({ ...all, cumulativeTsn }, now);
      }
      assertEquals(outbound.undeliveredBytes, 0);
    },
  );
  fc.assert(property, { seed, numRuns: Math.ceil(inputsOf("outbound") / 20) });
});

fuzzTest([], "DTLS records", async () => {
  const records = (write: number, read: number) =>
    DtlsRecords.of({
      keys: {
        algorithm: "aes-128-gcm",
        writeKey: Buffer.alloc(16, write),
        readKey: Buffer.alloc(16, read),
        writeNonce: Buffer.alloc(12, write),
        readNonce: Buffer.alloc(12, read),
      },
      epoch: 1,
      recordNumber: 0,
    })!;
  const [client, server] = [records(1, 2), records(2, 1)];
  const contents = [1, 20, 1000].map((n) => new Uint8Array(n).fill(n));
  const single = contents.map((content) => client.seal(content));
  const corpus = [...single, Uint8Array.from(single.flatMap((r) => [...r]))];
  const known = new Set(contents.map((content) => content.join()));
  await fuzz({ name: "dtls records", corpus }, ([datagram]) => {
    server.open(datagram, (content) => {
      assert(known.has(content.join()), "what was forged was opened");
    });
  });
});

/** Datagrams to everybody while one connection is made. */
const WHILE_CONNECTING = 40;

fuzzTest(["linux"], "datagrams while peers connect", async () => {
  const { seed, replay, isTold } = fuzzSettings();
  if (replay !== undefined) return;
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  const corpus = await recordDatagrams();
  const numRuns = inputsOf("connecting");
  const datagrams = fc.sample(anyMutant, { seed, numRuns })
    .map((mutant) => mutate(corpus, mutant).subarray(0, 1400));
  const log = createLogger({ write: () => {} });
  await using host = new LocalHost({ log });
  // One that is connected is to notice nothing.
  await using beside = await Bystander.connect(host);
  using uncaught = catchUncaught();
  const stranger = Deno.listenDatagram({
    ...{ transport: "udp", hostname: "127.0.0.1", port: 0 },
  });
  using cleanup = new DisposableStack();
  cleanup.defer(() => stranger.close());
  let connected = 0;
  const { port: own } = stranger.addr as Deno.NetAddr;
  for (let at = 0; at < datagrams.length; at += WHILE_CONNECTING) {
    await using made = await makePeer({ onError: () => {} });
    made.peer.createDataChannel("points");
    // What was forged may well break it: nobody is proven to be anybody yet.
    const connecting = publishTo(host, made.peer).then(() => connected++)
      .catch(() => {});
    const sent = datagrams.slice(at, at + WHILE_CONNECTING);
    let ports: number[] = [];
    for (const [i, datagram] of sent.entries()) {
      // Their sockets come to be meanwhile.
      if (i % 10 === 0) {
        ports = await udpPortsOf(Deno.pid);
        await settlesWithin(20, connecting);
      }
      for (const port of ports.filter((port) => port !== own)) {
        const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
        await stranger.send(datagram, to).catch(() => {
          // Nobody is there any more.
        });
      }
    }
    await settlesWithin(500, connecting);
    await made.peer.close();
    await connecting;
    await beside.publish();
    if (uncaught.errors.length === 0) continue;
    const file = await keep("connecting", seed, sent);
    const cause = uncaught.errors[0];
    throw new Error(`fuzz: connecting, seed ${seed}: see ${file}`, { cause });
  }
  // All is well with the next one.
  await using next = await Bystander.connect(host);
  await next.publish();
  if (isTold) {
    console.log(`${datagrams.length} inputs, ${connected} peers connected`);
  }
}, { sanitizeOps: false, sanitizeResources: false });
