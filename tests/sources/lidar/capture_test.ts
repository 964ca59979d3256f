import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { readCapture } from "../../../lib/sources/lidar/capture/capture_reader.ts";
import { DatagramReader } from "../../../lib/sources/lidar/capture/datagrams.ts";
import { openSource } from "../../../lib/sources/open.ts";
import { temporaryFolder, testWith } from "../../support.ts";
import { ipv4, ipv6, LINKS, pcap, pcapng, pcapOf, udp } from "./captures.ts";
import { metadataOf, packetsOfFrame } from "./ouster_packets.ts";

const PAYLOAD = Uint8Array.from({ length: 3000 }, (_, i) => i * 7);
const TIME = 1_700_000_000_123;

async function payloadsIn(capture: Uint8Array, onCutOff?: () => void) {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/a.pcap`;
  await Deno.writeFile(path, capture);
  const reader = new DatagramReader();
  const found: [number, Uint8Array][] = [];
  for await (const frame of readCapture(path, { onCutOff })) {
    const datagram = reader.read(frame);
    if (datagram === undefined) continue;
    assertEquals([datagram.sourcePort, datagram.targetPort], [7502, 7502]);
    found.push([frame.time, datagram.payload.slice()]);
  }
  return found;
}

for (const [name, [linkType, prefix]] of Object.entries(LINKS)) {
  testWith([], `Datagrams are found in frames of ${name}`, async () => {
    const [packet] = ipv4(udp(PAYLOAD));
    const data = new Uint8Array([...prefix, ...packet]);
    const found = await payloadsIn(pcap([{ time: TIME, data }], { linkType }));
    assertEquals(found, [[TIME, PAYLOAD]]);
  });
}

testWith(
  [],
  "Captures of both byte orders and all units are read",
  async () => {
    const frames = [{ time: TIME, data: ipv4(udp(PAYLOAD))[0] }];
    for (const isLittle of [false, true]) {
      for (const isNano of [false, true]) {
        const capture = pcap(frames, { isLittle, isNano });
        assertEquals(await payloadsIn(capture), [[TIME, PAYLOAD]]);
      }
    }
    assertEquals(await payloadsIn(pcapng(frames)), [[TIME, PAYLOAD]]);
  },
);

testWith([], "Datagrams come over IPv6 too", async () => {
  const frames = [{ time: TIME, data: ipv6(udp(PAYLOAD)) }];
  assertEquals(await payloadsIn(pcap(frames)), [[TIME, PAYLOAD]]);
});

testWith([], "Fragments are put together in any order, in bounds", async () => {
  const pieces = ipv4(udp(PAYLOAD), { most: 1000 }).reverse();
  const others = Array.from(
    { length: 100 },
    (_, i) => ipv4(udp(PAYLOAD), { most: 1000, id: 100 + i })[1],
  );
  const frames = [...others, ...pieces].map((data) => ({ time: TIME, data }));
  assertEquals(await payloadsIn(pcap(frames)), [[TIME, PAYLOAD]]);
});

testWith([], "A capture that is cut off is read to its end", async () => {
  const data = ipv4(udp(PAYLOAD))[0];
  const whole = pcap([{ time: TIME, data }, { time: TIME, data }]);
  let cut = 0;
  const found = await payloadsIn(whole.subarray(0, -10), () => cut++);
  assertEquals([found.length, cut], [1, 1]);
});

testWith([], "A frame longer than any is damage, not memory", async () => {
  const capture = pcap([{ time: TIME, data: PAYLOAD }]);
  new DataView(capture.buffer).setUint32(24 + 8, 0xf0000000, true);
  await assertRejects(() => payloadsIn(capture), SourceError, "is damaged");
  await assertRejects(() => payloadsIn(PAYLOAD), SourceError, "neither pcap");
});

/** Frames of 10 ms, from one sensor. */
function drive(frames: number, source: number, serial?: number) {
  return Array.from(
    { length: frames },
    (_, frame) =>
      packetsOfFrame(frame + 1, { serial }).map((payload, i) => ({
        time: TIME + frame * 10 + i * 2,
        payload,
        source,
      })),
  ).flat();
}

async function open(capture: Uint8Array, metadata: object[], options = {}) {
  const folder = await temporaryFolder();
  await Deno.writeFile(`${folder.path}/drive.pcap`, capture);
  for (const [i, one] of metadata.entries()) {
    const text = JSON.stringify(one);
    await Deno.writeTextFile(`${folder.path}/drive_${i}.json`, text);
  }
  const log = createLogger({ write: () => {} });
  try {
    const name = `${folder.path}/drive.pcap`;
    const { streams } = await openSource(name, { log, ...options });
    return {
      streams,
      async [Symbol.asyncDispose]() {
        for (const { source } of streams) await source[Symbol.asyncDispose]?.();
        await folder[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

testWith([], "A capture's sensors are streams, by their metadata", async () => {
  const [a, b] = [1, 2].map((i) => drive(3, i, 500 + i));
  const both = [...a, ...b].sort((p, q) => p.time - q.time);
  const metadata = [502, 501].map((prod_sn) => ({
    ...metadataOf(),
    sensor_info: { prod_sn },
  }));
  await using opened = await open(pcapOf(both), metadata);
  const { streams } = opened;
  assertEquals(streams.map(({ name }) => name), [
    "ouster-192.0.2.1",
    "ouster-192.0.2.2",
  ]);
  const counts = await Promise.all(streams.map(async ({ source }) => {
    assertEquals(source.pace, "source");
    let count = 0;
    while (await source.next(count, 0) !== undefined) count++;
    return count;
  }));
  assert(counts.every((count) => count >= 1 && count <= 3));
});

testWith([], "A capture is looped, and begins where it is said", async () => {
  const metadata = [metadataOf()];
  const options = { loop: true, speed: 10, fields: undefined };
  await using opened = await open(pcapOf(drive(2, 1)), metadata, options);
  const [{ source }] = opened.streams;
  for (let i = 0; i < 7; i++) assert(await source.next(i, 0) !== undefined);

  const late = { start: 60 };
  await using second = await open(pcapOf(drive(2, 1)), metadata, late);
  const next = async () => await second.streams[0].source.next(0, 0);
  await assertRejects(next, SourceError, "no scan");
});

testWith([], "What keeps a capture from being played is said", async () => {
  const none = () => open(pcapOf([{ time: TIME, payload: PAYLOAD }]), []);
  await assertRejects(none, SourceError, "go to port 7502");
  const bare = () => open(pcapOf(drive(1, 1)), []);
  await assertRejects(bare, SourceError, "drive.pcap has packets of ouster");
  const other = metadataOf({ udp_profile_lidar: "LEGACY" });
  const wrong = () => open(pcapOf(drive(1, 1)), [other]);
  await assertRejects(wrong, SourceError, "doesn't fit its packets");
});
