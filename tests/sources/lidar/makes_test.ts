/** A capture with a sensor of each make, as the client plays it. */
import { assert, assertEquals } from "@std/assert";
import { openLidar } from "../../../lib/sources/lidar/open.ts";
import { withTime } from "../../../lib/sources/source.ts";
import { createLogger } from "../../../lib/log.ts";
import { temporaryFolder, testWith } from "../../support.ts";
import { createHesaiPacket, SENSORS as HESAI } from "./hesai/packets.ts";
import { createLivoxPackets } from "./livox/packets.ts";
import { numbersOf } from "./numbers.ts";
import { createPackets, MODES, SENSORS } from "./velodyne/packets.ts";

const START = Date.UTC(2024, 4, 1, 12);

/** A packet, when it came, and which of the sensors sent it. */
interface Sent {
  payload: Uint8Array;
  /** Milliseconds after the start. */
  time: number;
  sensor: number;
}

/** Writes a capture of Ethernet frames, little-endian, with microseconds. */
function createCapture(sent: Sent[]): Uint8Array {
  const file: number[] = [];
  const put = (size: number, value: number, isBig = false) => {
    const bytes = Array.from(
      { length: size },
      (_, i) => Math.floor(value / 256 ** i) % 256,
    );
    file.push(...(isBig ? bytes.reverse() : bytes));
  };
  for (const [size, value] of [[4, 0xa1b2c3d4], [2, 2], [2, 4], [8, 0]]) {
    put(size, value);
  }
  for (const value of [65_535, 1]) put(4, value);
  for (const { payload, time, sensor } of sent) {
    const at = START + time;
    const { length } = payload;
    put(4, Math.floor(at / 1000));
    put(4, Math.floor((at % 1000) * 1000));
    for (let i = 0; i < 2; i++) put(4, 42 + length);
    file.push(...new Array(12).fill(2));
    // IPv4, of UDP.
    put(2, 0x0800, true);
    file.push(0x45, 0);
    put(2, 28 + length, true);
    file.push(0, 0, 0, 0, 64, 17, 0, 0);
    file.push(...[192, 168, 1, 200 + sensor], ...[192, 168, 1, 2]);
    for (const value of [3000, 2368 + sensor, 8 + length, 0]) {
      put(2, value, true);
    }
    for (const byte of payload) file.push(byte);
  }
  return Uint8Array.from(file);
}

testWith([], "A capture has a stream of each make's sensor", async () => {
  const velodyne = createPackets(SENSORS["VLP-16"], {
    ...{ count: 170, mode: MODES.strongest, azimuth: 0, rate: 0.36 },
    micros: 0,
  });
  const livox = createLivoxPackets({
    ...{ count: 470, type: 1, ns: BigInt(START) * 1_000_000n },
  });
  const hesai = Array.from(
    { length: 560 },
    (_, number) =>
      createHesaiPacket(HESAI["PandarXT-32"], {
        ...{ time: START + number * 0.4, number, echo: () => [1000, 1] },
        azimuth: (block) => 18 * (8 * number + block),
      }),
  );
  const sent = [
    ...velodyne.map((payload, i) => ({
      ...{ payload, time: i * 1.327104, sensor: 0 },
    })),
    ...livox.map((payload, i) => ({ payload, time: i * 0.48, sensor: 1 })),
    ...hesai.map((payload, i) => ({ payload, time: i * 0.4, sensor: 2 })),
  ].toSorted((a, b) => a.time - b.time);
  await using folder = await temporaryFolder();
  const path = `${folder.path}/drive.pcap`;
  await Deno.writeFile(path, createCapture(sent));
  // All of its channels look at the horizon.
  const metadata = `${folder.path}/angles.csv`;
  const lines = Array.from({ length: 32 }, (_, i) => `${i + 1},0,0\n`);
  await Deno.writeTextFile(metadata, lines.join(""));
  const { streams } = await openLidar(path, {
    metadata,
    speed: 4,
    log: createLogger({ write() {} }),
  }) ??
    { streams: [] };
  const names = streams.map(({ name }) => name);
  assertEquals(names.toSorted(), ["hesai", "livox", "velodyne"]);
  await Promise.all(streams.map(async ({ name, source }) => {
    const times: number[] = [];
    for (let frame = 0;; frame++) {
      const given = await source.next(frame, 0);
      if (given === undefined) break;
      const { cloud, captureTime } = withTime(given);
      assert(cloud.points > 0);
      const isFlat = numbersOf(cloud, "z").every((z) => z === 0);
      assertEquals(isFlat, name === "hesai");
      times.push(captureTime);
    }
    // 225 ms have two ends of a turn in them, and one of the recording.
    assertEquals(times.length, 3, name);
    assertEquals(times, times.toSorted(), name);
    await source[Symbol.asyncDispose]?.();
  }));
});
