import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { SourceError } from "../../../../lib/sources/errors.ts";
import { hesai } from "../../../../lib/sources/lidar/hesai/make.ts";
import type { TimedCloud } from "../../../../lib/sources/source.ts";
import { numbersOf, randomNumbers } from "../numbers.ts";
import { createHesaiPacket, MODES, SENSORS } from "./packets.ts";

const NOW = Date.UTC(2024, 4, 1, 12, 34, 56, 789);

const DEGREE = Math.PI / 180;

function decodeAll(packets: Uint8Array[], metadata?: string): TimedCloud[] {
  const decoder = hesai.createDecoder({ metadata });
  const scans = packets.map((packet) => decoder.push(packet, NOW));
  assertEquals(decoder.counts, { lost: 0, refused: 0 }, decoder.reason);
  return [...scans, decoder.end()].filter((scan) => scan !== undefined);
}

Deno.test("A PandarXT-32's points are where its manual says", () => {
  const packet = createHesaiPacket(SENSORS["PandarXT-32"], {
    ...{ time: NOW, azimuth: () => 9000 },
    echo: (block, channel) => block === 7 ? [2500, channel] : [0, 0],
  });
  assertEquals(packet.length, 1080);
  const [{ cloud, captureTime }] = decodeAll([packet]);
  assertEquals(cloud.points, 32);
  const [x, y, z, t] = ["x", "y", "z", "t"].map((it) => numbersOf(cloud, it));
  const channels = Array.from({ length: 32 }, (_, i) => i);
  assertEquals(numbersOf(cloud, "intensity"), channels);
  assertEquals(numbersOf(cloud, "ring"), channels);
  for (const i of channels) {
    // From 15 degrees above the horizon down, one by one; x is to the right.
    const elevation = (15 - i) * DEGREE;
    assertAlmostEquals(x[i], 10 * Math.cos(elevation), 1e-5);
    assertAlmostEquals(y[i], 0, 1e-5);
    assertAlmostEquals(z[i], 10 * Math.sin(elevation), 1e-5);
    // The first block is 350 microseconds before the last.
    assertAlmostEquals(t[i], 350_000 + 1512 * i, 1);
  }
  // Block 1 of 8, channel 1: 5.632 - 350 + 0.368 microseconds.
  assertAlmostEquals(captureTime, NOW - 0.344, 1e-3);
});

for (const [name, sensor] of Object.entries(SENSORS)) {
  Deno.test(`A ${name}'s angles are corrected by a file, and as it turns`, () => {
    const random = randomNumbers(sensor.channels);
    const angles = Array.from({ length: sensor.channels }, () => ({
      elevation: Math.round(1e4 * (20 - 40 * random())) / 1e4,
      azimuth: Math.round(1e4 * (5 - 10 * random())) / 1e4,
    }));
    const file = "Channel,Elevation,Azimuth\r\n" + angles.map(
      ({ elevation, azimuth }, i) => `${i + 1},${elevation},${azimuth}\r\n`,
    ).join("");
    const [from, to] = [0, 600].map((speed) => {
      const packet = createHesaiPacket(sensor, {
        ...{ time: NOW, speed, azimuth: (block: number) => 100 + 20 * block },
        echo: (block, channel) => [1000 + 64 * block + channel, block],
      });
      return decodeAll([packet], file)[0].cloud;
    });
    const [x, y, z] = ["x", "y", "z"].map((it) => numbersOf(from, it));
    const { channels, blocks } = sensor;
    assertEquals(from.points, channels * blocks);
    for (let i = 0; i < from.points; i++) {
      const [block, channel] = [Math.floor(i / channels), i % channels];
      const { elevation, azimuth } = angles[channel];
      const range = (1000 + 64 * block + channel) * 0.004;
      // Polar coordinates, counted back from the place.
      const there = Math.hypot(x[i], y[i], z[i]);
      assertAlmostEquals(there, range, 1e-5);
      assertAlmostEquals(Math.asin(z[i] / there) / DEGREE, elevation, 1e-4);
      const turned = Math.atan2(x[i], y[i]) / DEGREE;
      const expected = 1 + 0.2 * block + azimuth;
      assertAlmostEquals(turned, expected, 1e-4);
    }
    // Ten turns a second are 0.0036 degrees in a microsecond.
    const [u, v] = ["x", "y"].map((it) => numbersOf(to, it));
    const t = numbersOf(to, "t");
    for (let i = 1; i < channels; i++) {
      const ahead = (Math.atan2(u[i], v[i]) - Math.atan2(x[i], y[i])) / DEGREE;
      const first = (Math.atan2(u[0], v[0]) - Math.atan2(x[0], y[0])) / DEGREE;
      const micros = (t[i] - t[0]) / 1000;
      assertAlmostEquals(ahead - first, 0.0036 * micros, 1e-4);
    }
  });
}

Deno.test("A turn of a Hesai is a scan, from azimuth 0 to the next", () => {
  for (const sensor of Object.values(SENSORS)) {
    for (const mode of [MODES.last, MODES.dual]) {
      const returns = mode === MODES.dual ? 2 : 1;
      const columns = sensor.blocks / returns;
      // A block is 0.2 degrees; 250 ms, from 90 degrees on.
      const micros = 55.56;
      const count = Math.round(250_000 / (columns * micros));
      const packets = Array.from(
        { length: count },
        (_, number) =>
          createHesaiPacket(sensor, {
            ...{ mode, number, speed: 600 },
            time: NOW + number * columns * micros / 1000,
            azimuth: (block) =>
              9000 + 20 * (number * columns + Math.floor(block / returns)),
            echo: (block) => [2500 + block % 3, 9],
          }),
      );
      const scans = decodeAll(packets);
      assertEquals(scans.length, 3);
      const expected = sensor.channels * returns * 1800;
      // Of the two returns, none is as the other.
      assertEquals(scans[1].cloud.points, expected);
      const [first, middle] = scans.map(({ captureTime }) => captureTime);
      assertAlmostEquals(middle - first, 1350 * micros / 1000, 0.4);
      const given = new Set(numbersOf(scans[1].cloud, "return"));
      assertEquals([...given], [0, 1].slice(0, returns));
    }
  }
});

Deno.test("A pulse that came back once to a Hesai is one point", () => {
  const packet = createHesaiPacket(SENSORS["PandarXT-16"], {
    ...{ time: NOW, mode: MODES.dual, azimuth: () => 0 },
    echo: (block, channel) => [1000 + (channel === 3 ? block : 0), 5],
  });
  const [{ cloud }] = decodeAll([packet]);
  assertEquals(cloud.points, 8 / 2 * 17);
  assertEquals(numbersOf(cloud, "return").filter((it) => it === 1).length, 4);
});

Deno.test("A Hesai with PTP and no date tells the seconds", () => {
  const sensor = SENSORS["PandarXT-32"];
  const packet = createHesaiPacket(sensor, {
    ...{ time: NOW, azimuth: () => 0, echo: () => [1000, 1] },
  });
  const at = packet.length - 28 + sensor.tail.date;
  packet.fill(0, at, at + 2);
  new DataView(packet.buffer).setUint32(at + 2, Math.floor(NOW / 1000));
  const [{ captureTime }] = decodeAll([packet]);
  assertAlmostEquals(captureTime, NOW - 0.344, 1e-3);
});

Deno.test("Packets of a Hesai that never came are counted", () => {
  const decoder = hesai.createDecoder();
  for (const number of [5, 6, 9, 10, 0]) {
    decoder.push(
      createHesaiPacket(SENSORS.Pandar64, {
        ...{ time: NOW, number, azimuth: () => 0, echo: () => [1, 1] },
      }),
      NOW,
    );
  }
  assertEquals(decoder.counts, { lost: 2, refused: 0 });
});

Deno.test("What is no Hesai's packet is refused, and told why", () => {
  const packet = createHesaiPacket(SENSORS["PandarXT-32"], {
    ...{ time: NOW, azimuth: () => 0, echo: () => [1, 1] },
  });
  const decoder = hesai.createDecoder({ metadata: "1,2,3" });
  const modeAt = packet.length - 28 + SENSORS["PandarXT-32"].tail.mode;
  const cases: [string, Uint8Array][] = [
    ["1000 bytes", packet.subarray(0, 1000)],
    ["no Hesai that is known", packet.with(2, 7)],
    ["0x40", packet.with(modeAt, 0x40)],
    ["corrections have 1", packet],
  ];
  for (const [reason, bytes] of cases) {
    assertEquals(decoder.push(bytes, NOW), undefined);
    assert(decoder.reason?.includes(reason), decoder.reason);
  }
  assertEquals(decoder.counts.refused, cases.length);
  assertEquals(hesai.recognizes(packet.subarray(1), 2368), false);
});

Deno.test("Corrections that can't be read are refused, with the line", () => {
  for (
    const [text, reason] of [
      ["Channel,Elevation,Azimuth\n1,2,3\n3,1,1", "line 3"],
      ["1,91,0", "line 1"],
      ["1,0,x", "line 1"],
      ["Channel,Elevation,Azimuth", "no line"],
      ["", "no line"],
    ]
  ) {
    assertThrows(
      () => hesai.createDecoder({ metadata: text }),
      SourceError,
      reason,
    );
  }
  assertThrows(
    () => hesai.createDecoder({ metadata: { beams: 1 } }),
    SourceError,
    ".csv",
  );
});
