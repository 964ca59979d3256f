/** hydra4 says the same of each point of a PandarXT-32. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { hesai } from "../../../../lib/sources/lidar/hesai/make.ts";
import { temporaryFolder, testWith } from "../../../support.ts";
import { numbersOf, randomNumbers } from "../numbers.ts";
import { askPython } from "../python.ts";
import { createHesaiPacket, SENSORS } from "./packets.ts";

testWith(
  ["hydra4"],
  "hydra4 says the same of a PandarXT-32's packet",
  async () => {
    await using folder = await temporaryFolder();
    const random = randomNumbers(32);
    const lines = Array.from(
      { length: 32 },
      (_, i) => `${i + 1},${15 - i + random() / 10},${random() - 0.5}`,
    );
    const file = ["Channel,Elevation,Azimuth", ...lines, ""].join("\n");
    const corrections = `${folder.path}/angles.csv`;
    await Deno.writeTextFile(corrections, file);
    // It doesn't know how fast the head turns.
    const packet = createHesaiPacket(SENSORS["PandarXT-32"], {
      ...{ time: Date.UTC(2024, 4, 1), speed: 0 },
      azimuth: (block) => 35_920 + 18 * block,
      echo: () => [
        random() < 0.1 ? 0 : Math.floor(random() * 65_536),
        Math.floor(random() * 256),
      ],
    });
    const theirs = await askPython<number[][]>("hesai/reference.py", {
      packet: packet.toBase64(),
      corrections,
    });
    const decoder = hesai.createDecoder({ metadata: file });
    const scans = [decoder.push(packet, 0), decoder.end()]
      .filter((scan) => scan !== undefined);
    // Azimuth 0 is in the packet.
    assertEquals(scans.length, 2);
    const [x, y, z, intensity, ring] = [
      ...["x", "y", "z", "intensity", "ring"],
    ].map((name) => scans.flatMap(({ cloud }) => numbersOf(cloud, name)));
    assertEquals(x.length, theirs.length);
    assert(x.length > 200);
    for (const [i, their] of theirs.entries()) {
      assertAlmostEquals(x[i], their[0], 3e-5);
      assertAlmostEquals(y[i], their[1], 3e-5);
      assertAlmostEquals(z[i], their[2], 3e-5);
      assertEquals([intensity[i], ring[i]], their.slice(3));
    }
  },
);
