import { assert, assertEquals } from "@std/assert";
import type { RTCPeerConnection } from "werift";
import { LinkMonitor } from "../../lib/transport/link_monitor.ts";
import { readLinkStats } from "../../lib/transport/link_stats.ts";
import { connectPair, peerTest } from "./pair.ts";

const LONG_MS = 600_000;

class FakeEvent<T> {
  readonly listeners = new Set<(value: T) => void>();

  subscribe(listener: (value: T) => void) {
    this.listeners.add(listener);
    return { unSubscribe: () => this.listeners.delete(listener) };
  }

  execute(value: T): void {
    for (const listener of this.listeners) listener(value);
  }
}

/** A peer whose statistics and state a test sets. */
class FakePeer {
  packets = 0;
  roundTrip: number | undefined;
  checksAnswered = 0;
  /** How often the statistics were read. */
  reads = 0;
  readonly connectionStateChange = new FakeEvent<string>();
  readonly onData = new FakeEvent<Uint8Array>();
  readonly iceTransports = [{ connection: { onData: this.onData } }];

  getStats() {
    this.reads++;
    const pair = {
      id: "pair",
      type: "candidate-pair",
      packetsReceived: this.packets,
      responsesReceived: this.checksAnswered,
      currentRoundTripTime: this.roundTrip,
    };
    const transport = { type: "transport", selectedCandidatePairId: "pair" };
    const entries = [["transport", transport], ["pair", pair]] as const;
    return Promise.resolve(new Map<string, unknown>(entries));
  }

  get listeners(): number {
    return this.connectionStateChange.listeners.size +
      this.onData.listeners.size;
  }

  get peer(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }
}

const LEAK_CHECKED = { sanitizeOps: true, sanitizeResources: true };

Deno.test(
  "LinkMonitor says that the peer fell silent",
  LEAK_CHECKED,
  async () => {
    const fake = new FakePeer();
    using link = new LinkMonitor(fake.peer, { silenceMs: 40 });
    assertEquals(await link.lost, "nothing came for 0.04 s");
  },
);

Deno.test(
  "LinkMonitor waits as long as something comes",
  LEAK_CHECKED,
  async () => {
    const fake = new FakePeer();
    const { getStats } = fake;
    const lasting = 20;
    // Something new each time that it looks, for several times its patience.
    fake.getStats = () => {
      if (fake.reads < lasting) fake.packets++;
      return getStats.call(fake);
    };
    using link = new LinkMonitor(fake.peer, { silenceMs: 20 });
    await link.lost;
    assert(fake.reads > lasting, `${fake.reads} reads`);
  },
);

Deno.test("LinkMonitor takes any change of the count for a sign of life", async () => {
  const fake = new FakePeer();
  fake.packets = 100;
  using link = new LinkMonitor(fake.peer, { silenceMs: 0.001 });
  let lost = false;
  void link.lost.then(() => lost = true);
  for (const packets of [7, 8, 7]) {
    fake.packets = packets;
    await link.update();
    assertEquals(lost, false);
  }
  await link.lost;
});

Deno.test("LinkMonitor hears data that comes on any pair", async () => {
  const fake = new FakePeer();
  using link = new LinkMonitor(fake.peer, { silenceMs: 0.001 });
  let lost = false;
  void link.lost.then(() => lost = true);
  for (let i = 0; i < 3; i++) {
    fake.onData.execute(new Uint8Array(1));
    await link.update();
    assertEquals(lost, false);
  }
  await link.lost;
});

Deno.test(
  "LinkMonitor says how the connection ended",
  LEAK_CHECKED,
  async () => {
    const ends = {
      failed: "the connection failed",
      closed: "the connection was closed",
    };
    for (const [state, says] of Object.entries(ends)) {
      const fake = new FakePeer();
      using link = new LinkMonitor(fake.peer, { silenceMs: LONG_MS });
      fake.connectionStateChange.execute("disconnected");
      fake.connectionStateChange.execute(state);
      fake.connectionStateChange.execute("closed");
      assertEquals(await link.lost, says);
    }
  },
);

Deno.test(
  "LinkMonitor counts the round trip of each check that was answered",
  LEAK_CHECKED,
  async () => {
    const fake = new FakePeer();
    using link = new LinkMonitor(fake.peer, { silenceMs: LONG_MS });
    await link.update();
    assertEquals(link.roundTrips.snapshot().count, 0);
    fake.roundTrip = 0.25;
    fake.checksAnswered = 1;
    // However often it looks.
    for (let look = 0; look < 3; look++) await link.update();
    fake.roundTrip = 0.5;
    fake.checksAnswered = 2;
    await link.update();
    const { sum, count } = link.roundTrips.snapshot();
    assertEquals([sum, count], [0.75, 2]);
  },
);

Deno.test(
  "LinkMonitor keeps the last round-trip time that was measured",
  LEAK_CHECKED,
  async () => {
    const fake = new FakePeer();
    using link = new LinkMonitor(fake.peer, { silenceMs: LONG_MS });
    assertEquals(link.stats, {
      packetsReceived: 0,
      checksAnswered: 0,
      sameHost: false,
    });
    fake.roundTrip = 0.02;
    assertEquals((await link.update()).roundTripMs, 20);
    fake.roundTrip = undefined;
    fake.packets = 3;
    assertEquals((await link.update()).roundTripMs, 20);
    assertEquals([link.stats.packetsReceived, link.stats.roundTripMs], [3, 20]);
  },
);

Deno.test("LinkMonitor leaves nothing behind", LEAK_CHECKED, () => {
  const fake = new FakePeer();
  const link = new LinkMonitor(fake.peer);
  assertEquals(fake.listeners, 2);
  link[Symbol.dispose]();
  assertEquals(fake.listeners, 0);
  link[Symbol.dispose]();
});

Deno.test(
  "LinkMonitor asks a peer that fell silent, once",
  LEAK_CHECKED,
  async () => {
    const fake = new FakePeer();
    let asked = 0;
    using link = new LinkMonitor(fake.peer, {
      silenceMs: 3_000,
      ask: () => asked++,
    });
    await link.lost;
    assertEquals(asked, 1);
  },
);

peerTest(
  "LinkMonitor hears a peer that is there, and misses one that isn't",
  async () => {
    await using pair = await connectPair();
    using left = new LinkMonitor(pair.left, { silenceMs: LONG_MS });
    using right = new LinkMonitor(pair.right, { silenceMs: LONG_MS });
    const stats = await left.update();
    assertEquals(stats.sameHost, true);
    assert(stats.packetsReceived > 0);

    // Its sockets close without a word: just what is sent to it shows nothing.
    for (const { connection } of pair.right.iceTransports) {
      await connection.close();
    }
    using silent = new LinkMonitor(pair.left, { silenceMs: 100 });
    assertEquals(await silent.lost, "nothing came for 0.1 s");

    await pair.left.close();
    assertEquals(await left.lost, "the connection was closed");
    await pair.right.close();
    await right.lost;
  },
);

peerTest(
  "LinkMonitor hears data, also on a pair that isn't selected",
  async () => {
    await using pair = await connectPair();
    const ends = [[pair.left, pair.channel, pair.remote], [
      pair.right,
      pair.remote,
      pair.channel,
    ]] as const;
    for (const [peer, channel, from] of ends) {
      const before = (await readLinkStats(peer)).packetsReceived;
      const last = new Promise<void>((resolve) =>
        channel.onMessage.subscribe((text) => {
          if (text === "last") resolve();
        })
      );
      for (let i = 0; i < 20; i++) from.send("hello");
      from.send("last");
      await last;
      const after = (await readLinkStats(peer)).packetsReceived;
      assert(after - before >= 20, `${before} to ${after}`);
    }
  },
);

peerTest("LinkMonitor may outlive its peer", async () => {
  await using pair = await connectPair();
  using link = new LinkMonitor(pair.left, { silenceMs: 4 });
  await pair.left.close();
  await link.lost;
  await link.update();
});
