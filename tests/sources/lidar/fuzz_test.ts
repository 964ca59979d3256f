/** Whatever comes to a lidar's port does no harm. */
import { assert, assertLessOrEqual } from "@std/assert";
import { hesai } from "../../../lib/sources/lidar/hesai/make.ts";
import { livox } from "../../../lib/sources/lidar/livox/make.ts";
import type { LidarMake } from "../../../lib/sources/lidar/packet_decoder.ts";
import { velodyne } from "../../../lib/sources/lidar/velodyne/make.ts";
import { createHesaiPacket, SENSORS as HESAI } from "./hesai/packets.ts";
import { createLivoxPackets } from "./livox/packets.ts";
import { randomNumbers } from "./numbers.ts";
import { createPackets, MODES, SENSORS } from "./velodyne/packets.ts";

/**
 * A make, packets of it, the most points of a scan, and a packet that may come
 * again and again in one scan.
 */
const MAKES: [LidarMake, Uint8Array[], number, Uint8Array][] = [
  [
    velodyne,
    Object.values(SENSORS).flatMap((sensor) =>
      Object.values(MODES).flatMap((mode) =>
        createPackets(sensor, { count: 5, mode, azimuth: 35_500, rate: 0.36 })
      )
    ),
    1 << 20,
    createPackets(SENSORS["HDL-32E"], {
      ...{ count: 1, mode: MODES.strongest, azimuth: 100, rate: 0 },
    })[0],
  ],
  [
    livox,
    [1, 2, 3].flatMap((type) => createLivoxPackets({ count: 5, type })),
    1 << 18,
    createLivoxPackets({ count: 1, type: 1 })[0],
  ],
  [
    hesai,
    Object.values(HESAI).flatMap((sensor) =>
      Object.values(MODES).map((mode) =>
        createHesaiPacket(sensor, {
          ...{ mode, time: 1.7e12, speed: 600, echo: () => [1000, 1] },
          azimuth: (block) => 35_900 + 20 * block,
        })
      )
    ),
    1 << 19,
    createHesaiPacket(HESAI.Pandar64, {
      ...{ time: 1.7e12, azimuth: () => 100, echo: () => [1000, 1] },
    }),
  ],
];

for (const [make, packets, most, again] of MAKES) {
  Deno.test(`Any packets may come to a decoder of ${make.name}`, () => {
    const random = randomNumbers(7);
    const below = (n: number) => Math.floor(random() * n);
    const decoder = make.createDecoder();
    let scans = 0;
    for (let i = 0; i < 20_000; i++) {
      let packet = packets[below(packets.length)].slice();
      const kind = below(4);
      if (kind === 0) packet = packet.slice(0, below(packet.length + 1));
      for (let n = kind === 1 ? 0 : below(12); n > 0; n--) {
        packet[below(packet.length)] = random() * 256;
      }
      if (kind === 3) packet.subarray(below(packet.length)).fill(below(256));
      make.recognizes(packet, make.defaultPort);
      const scan = decoder.push(packet, below(2) * 1.7e12);
      if (scan === undefined) continue;
      scans++;
      assertLessOrEqual(scan.cloud.points, most);
      assert(Number.isFinite(scan.captureTime));
    }
    assert(scans > 0 && decoder.counts.refused > 0);
    const empty = decoder.push(new Uint8Array(), 0);
    assert(empty === undefined);
  });

  Deno.test(`A scan of ${make.name} that never ends is cut`, () => {
    const decoder = make.createDecoder();
    let largest = 0;
    for (let i = 0; i < 6000; i++) {
      const scan = decoder.push(again, 0);
      largest = Math.max(largest, scan?.cloud.points ?? 0);
    }
    assertLessOrEqual(largest, most);
    assert(largest > most / 2);
  });
}
