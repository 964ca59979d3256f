/** What the search sends, and how it takes its peer. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { MtuSearch } from "../../../lib/transport/sctp/mtu_search.ts";
import {
  CHUNK,
  COMMON_HEADER_BYTES,
  HEARTBEAT_BYTES,
  viewOf,
} from "../../../lib/transport/sctp/packet.ts";

function make(peer: { announcesPad?: boolean; skipsUnknownChunks?: boolean }) {
  const address = { sourcePort: 1, destinationPort: 2, verificationTag: 3 };
  const probes: { length: number; fillsByPad: boolean; nonce: Uint8Array }[] =
    [];
  const found: number[] = [];
  const stuck: string[] = [];
  const search = new MtuSearch({
    association: {
      ...{ address, announcesPad: false, skipsUnknownChunks: true },
      ...peer,
    },
    link: {
      canForbidFragments: true,
      send(packet, options) {
        assertEquals(options, { fragments: "forbidden" });
        const chunkLength = viewOf(packet).getUint16(COMMON_HEADER_BYTES + 2);
        const pad = packet[COMMON_HEADER_BYTES + HEARTBEAT_BYTES];
        const fillsByPad = chunkLength === HEARTBEAT_BYTES;
        if (fillsByPad) assertEquals(pad, CHUNK.pad);
        const nonce = packet.slice(COMMON_HEADER_BYTES).subarray(0, 16);
        probes.push({ length: packet.length, fillsByPad, nonce });
        return true;
      },
    },
    base: 1280,
    onChange: (mtu) => found.push(mtu),
    onStuck: ({ message }) => stuck.push(message),
  });
  search.path.onDelivered(1280, 0);
  let bytes = 0;
  const traffic = {
    counters: { chunksSent: 200 },
    rtt: { smoothed: 50, timeout: 200 },
    onSentBesides: (size: number) => void (bytes += size),
  };
  /** Goes on, and answers what is sent where `answers` says so. */
  const step = (now: number, answers: boolean) => {
    const before = probes.length;
    search.step(traffic, now);
    if (!answers || probes.length === before) return;
    const { nonce } = probes.at(-1)!;
    search.acknowledge(viewOf(nonce), 0, nonce.length, now);
  };
  return { search, traffic, probes, found, stuck, step, bytes: () => bytes };
}

Deno.test("MtuSearch fills packets by PAD, which take what they are for", () => {
  const { probes, found, step, bytes } = make({});
  for (let now = 0; now < 1000; now += 50) step(now, true);
  assertEquals(found, [1400, 1452, 1472, 1492, 1500]);
  // IPv6, UDP and the record take 85 bytes.
  assertEquals(probes.map(({ length }) => length + 85 + 3 & ~3), found);
  assert(probes.every(({ fillsByPad }) => fillsByPad));
  assertEquals(bytes(), found.reduce((sum, size) => sum + size));
});

Deno.test("MtuSearch sends more than Ethernet takes to pointwire alone", () => {
  const { found, step } = make({ announcesPad: true });
  for (let now = 0; now < 1000; now += 50) step(now, true);
  assertEquals(found.slice(-2), [4000, 9000]);
});

Deno.test("MtuSearch sends no PAD to who may end by it", () => {
  const { probes, step } = make({ skipsUnknownChunks: false });
  for (let now = 0; now < 9000; now += 500) step(now, false);
  assertEquals(
    probes.map(({ fillsByPad }) => fillsByPad),
    Array(3).fill(false),
  );
});

Deno.test("MtuSearch fills the HEARTBEAT where PAD is not answered", () => {
  const { probes, found, step } = make({});
  step(0, false);
  for (let now = 1000; now < 2000; now += 50) step(now, true);
  const filled = probes.map(({ fillsByPad }) => fillsByPad);
  assertEquals(filled, [true, false, false, false, false, false]);
  assertEquals(found.at(-1), 1500);
});

Deno.test("MtuSearch waits until it is worth it", () => {
  const { traffic, probes, step } = make({});
  traffic.counters.chunksSent = 199;
  step(0, true);
  assertEquals(probes, []);
});

Deno.test("MtuSearch lets what it promised be cut, but not for ever", () => {
  const { search, stuck, step } = make({});
  for (let now = 0; now < 1000; now += 50) step(now, true);
  assertEquals(search.fragmentsOf(1500, 1000), "forbidden");
  assertEquals(search.fragmentsOf(1280, 1000), undefined);
  search.path.onTimeout(1200);
  search.path.onTimeout(1600);
  assertEquals(search.fragmentsOf(1500, 1600), "allowed");
  assertEquals(search.fragmentsOf(1500, 11_600), "allowed");
  assertEquals(stuck, []);
  assertEquals(search.fragmentsOf(1500, 11_601), "allowed");
  assertGreater(stuck.length, 0);
});
