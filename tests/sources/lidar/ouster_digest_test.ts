/** What Ouster's SDK makes of the packets of real sensors: digests of it. */
import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import {
  column,
  findField,
  type PointCloud,
} from "../../../lib/points/cloud.ts";
import {
  BEAM_NUMBERS,
  createBeamTable,
} from "../../../lib/sources/lidar/ouster/beam_table.ts";
import {
  type OusterMetadata,
  readMetadata,
} from "../../../lib/sources/lidar/ouster/metadata.ts";
import { PacketLayout } from "../../../lib/sources/lidar/ouster/packet_layout.ts";
import { PROFILES } from "../../../lib/sources/lidar/ouster/profiles.ts";
import { testWith } from "../../support.ts";
import {
  type Packet,
  packetsOf,
  readJson,
  type Recording,
  RECORDINGS,
  scansOf,
} from "./ouster_data.ts";

type Digest = Record<string, string>;

/**
 * What isn't read: the encoder's count is left out of newer packets, as is the
 * frame in columns; flags and raw words are given to nobody.
 */
const NOT_READ = ["ENCODER_COUNT", "FLAGS", "RAW32_WORD1", "FRAME_ID"];
/** Of columns; the cloud has them in no form that the SDK has. */
const NOT_IN_CLOUD = ["STATUS", "MEASUREMENT_ID"];

const md5 = (values: ArrayBufferView) =>
  createHash("md5").update(bytesOf(values)).digest("hex");

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView) {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function layoutOf(metadata: OusterMetadata): PacketLayout {
  return new PacketLayout(metadata, PROFILES.get(metadata.profile)!);
}

const viewOf = ({ payload }: Packet) => new DataView(payload.buffer);

/** Digests of all packets, one after the other. */
function digestPackets(
  packets: readonly Packet[],
  metadata: OusterMetadata,
): Digest {
  const layout = layoutOf(metadata);
  const { returns: [first], nearIr } = layout.profile;
  const hashes = new Map<string, ReturnType<typeof createHash>>();
  const add = (name: string, values: ArrayBufferView) => {
    const hash = hashes.get(name) ?? createHash("md5");
    hashes.set(name, hash.update(bytesOf(values)));
  };
  for (const packet of packets.map(viewOf)) {
    const columns = Array.from({ length: layout.columns }, (_, i) => i);
    const of = <T>(read: (column: number) => T) => columns.map(read);
    const pixels = new Uint32Array(layout.rows * layout.columns);
    add(
      "TIMESTAMP",
      new BigUint64Array(of((i) => layout.timestamp(packet, i))),
    );
    add(
      "MEASUREMENT_ID",
      new Uint16Array(of((i) => layout.measurementId(packet, i))),
    );
    add("STATUS", new Uint32Array(of((i) => layout.status(packet, i))));
    layout.readPixels(packet, first.range, pixels);
    add("RANGE", pixels);
    layout.readPixels(packet, first.reflectivity, pixels);
    add("REFLECTIVITY", new Uint8Array(pixels));
    if (first.signal !== undefined) {
      layout.readPixels(packet, first.signal, pixels);
      add("SIGNAL", new Uint16Array(pixels));
    }
    if (nearIr !== undefined) {
      layout.readPixels(packet, nearIr, pixels);
      add("NEAR_IR", new Uint16Array(pixels));
    }
  }
  return Object.fromEntries(
    [...hashes].map(([name, hash]) => [name, hash.digest("hex")]),
  );
}

/** Digests of what a cloud holds, columns in the order of measurement. */
function digestScan(
  cloud: PointCloud,
  metadata: OusterMetadata,
  first: bigint,
): Digest {
  const { rows, columns, pixelShifts } = metadata;
  const measured = <T extends Float32Array | Uint32Array | Uint16Array>(
    values: T,
    name: string,
  ): T => {
    const given = column(cloud, name);
    for (let row = 0; row < rows; row++) {
      for (let id = 0; id < columns; id++) {
        const at = (id + pixelShifts[row] + columns) % columns;
        values[row * columns + id] = Number(given[row * columns + at]);
      }
    }
    return values;
  };
  const points = rows * columns;
  const [x, y, z] = ["x", "y", "z"].map((name) =>
    measured(new Float32Array(points), name)
  );
  const table = createBeamTable(metadata);
  const range = new Uint32Array(points).map((_, i) => {
    const beam = i * BEAM_NUMBERS;
    const meters = Math.hypot(
      x[i] - table[beam + 3],
      y[i] - table[beam + 4],
      z[i] - table[beam + 5],
    );
    return Number.isNaN(meters) ? 0 : Math.round(meters * 1000);
  });
  const t = measured(new Uint32Array(points), "t").subarray(0, columns);
  const digest: Digest = {
    RANGE: md5(range),
    TIMESTAMP: md5(
      new BigUint64Array(Array.from(t, (since) => first + BigInt(since))),
    ),
    REFLECTIVITY: md5(
      new Uint8Array(measured(new Uint32Array(points), "reflectivity")),
    ),
    NEAR_IR: md5(measured(new Uint16Array(points), "near_ir")),
  };
  if (findField(cloud, "signal") !== undefined) {
    digest.SIGNAL = md5(measured(new Uint16Array(points), "signal"));
  }
  return digest;
}

function without(digest: Digest, names: readonly string[]): Digest {
  return Object.fromEntries(
    Object.entries(digest).filter(([name]) => !names.includes(name)),
  );
}

const DIGESTED: [string, Recording][] = [
  ["RNG15_RFL8_NIR8", RECORDINGS.lowBandwidth],
  ["the legacy profile", RECORDINGS.legacy],
];

for (const [profile, recording] of DIGESTED) {
  testWith(
    ["shared data"],
    `Packets and scans of ${profile} are what Ouster's SDK reads`,
    async () => {
      const name = recording.metadata.replace(".json", "_digest.json");
      const expected = await readJson(name) as {
        packet_hash: Digest;
        scans: Digest[];
      };
      const metadata = readMetadata(await readJson(recording.metadata));
      const packets = await packetsOf(recording.capture);
      assertEquals(
        digestPackets(packets, metadata),
        without(expected.packet_hash, NOT_READ),
      );
      const layout = layoutOf(metadata);
      const first = layout.timestamp(viewOf(packets[0]), 0);
      const { frameId } = layout.header(viewOf(packets[0]));
      assertEquals(`${frameId}`, expected.scans[0].FRAME_ID);
      const scans = await scansOf(recording);
      assertEquals(
        scans.map(({ cloud }) => digestScan(cloud, metadata, first)),
        expected.scans.map((scan) =>
          without(scan, [...NOT_READ, ...NOT_IN_CLOUD])
        ),
      );
    },
  );
}
