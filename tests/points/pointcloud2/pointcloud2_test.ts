import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  namesOf,
  type PointCloud,
  toFloat32,
} from "../../../lib/points/cloud.ts";
import { FIELD_TYPES, typeBytes } from "../../../lib/points/field.ts";
import { decodeFile } from "../../../lib/points/formats.ts";
import { decodePointCloud2 } from "../../../lib/points/pointcloud2/pointcloud2.ts";
import { testWith } from "../../support.ts";
import {
  anyCloud,
  assertRefused,
  assertSameBits,
  damage,
  readShared,
  typedCloud,
} from "../file_clouds.ts";

/** Writes CDR as ROS 2 does. */
class Writer {
  readonly #bytes: number[] = [];
  readonly #little: boolean;
  readonly #most: number;

  constructor(kind: number) {
    this.#little = kind % 2 === 1;
    this.#most = kind > 1 ? 4 : 8;
  }

  uint8(value: number): void {
    this.#bytes.push(value);
  }

  uint32(value: number): void {
    while (this.#bytes.length % Math.min(4, this.#most) > 0) this.uint8(0);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, this.#little);
    this.#bytes.push(...bytes);
  }

  string(text: string): void {
    const bytes = new TextEncoder().encode(`${text}\0`);
    this.uint32(bytes.length);
    this.#bytes.push(...bytes);
  }

  sequence(bytes: Iterable<number>): void {
    const all = [...bytes];
    this.uint32(all.length);
    this.#bytes.push(...all);
  }

  message(kind: number): Uint8Array {
    return Uint8Array.of(0, kind, 0, 0, ...this.#bytes);
  }
}

interface Message {
  cloud: PointCloud;
  kind?: number;
  /** Bytes after each row. */
  gap?: number;
  isBigEndian?: boolean;
  fields?: [name: string, offset: number, datatype: number, count: number][];
}

function write({ cloud, kind = 1, gap = 0, ...more }: Message): Uint8Array {
  const { width, height, stride, data } = cloud;
  const fields = more.fields ??
    cloud.fields.map(({ name, offset, type }) =>
      [name, offset, FIELD_TYPES.indexOf(type) + 1, 1] as const
    );
  const writer = new Writer(kind);
  writer.uint32(1_700_000_000);
  writer.uint32(250_000_000);
  writer.string("lidar_link");
  writer.uint32(height);
  writer.uint32(width);
  writer.uint32(fields.length);
  for (const [name, offset, datatype, count] of fields) {
    writer.string(name);
    writer.uint32(offset);
    writer.uint8(datatype);
    writer.uint32(count);
  }
  writer.uint8(more.isBigEndian ? 1 : 0);
  writer.uint32(stride);
  writer.uint32(width * stride + gap);
  const rows = Array.from({ length: height }, (_, row) => [
    ...data.subarray(row * width * stride, (row + 1) * width * stride),
    ...Array(gap).fill(0xee),
  ]);
  writer.sequence(rows.flat());
  writer.uint8(1);
  return writer.message(kind);
}

const ROS_TYPES = FIELD_TYPES.slice(0, 8);

Deno.test("decodePointCloud2() reads any cloud, of either byte order of the message", () => {
  const kinds = fc.constantFrom(0, 1, 6, 7);
  fc.assert(fc.property(anyCloud(ROS_TYPES), kinds, (cloud, kind) => {
    const message = decodePointCloud2(write({ cloud, kind }));
    assertSameBits(message.cloud, cloud);
    assertEquals(message.frameId, "lidar_link");
    assertEquals(message.stamp, 1_700_000_000_250);
  }));
});

Deno.test("decodePointCloud2() copies nothing where rows have no gaps", () => {
  const cloud = typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4], [5, 6, 7, 8]]);
  const bytes = write({ cloud });
  assertStrictEquals(decodePointCloud2(bytes).cloud.data.buffer, bytes.buffer);
});

Deno.test("decodePointCloud2() takes the gaps between rows out", () => {
  fc.assert(fc.property(anyCloud(ROS_TYPES), fc.nat(9), (cloud, gap) => {
    assertSameBits(decodePointCloud2(write({ cloud, gap })).cloud, cloud);
  }));
});

Deno.test("decodePointCloud2() swaps big-endian values", () => {
  const cloud = typedCloud("x,y:f8,z,ring:u2,label:u1", [
    [1.5, -2.25, 3, 0x1234, 7],
  ]);
  const data = cloud.data.slice();
  for (const { offset, type } of cloud.fields) {
    data.subarray(offset, offset + typeBytes(type)).reverse();
  }
  const bytes = write({ cloud: { ...cloud, data }, isBigEndian: true });
  assertSameBits(decodePointCloud2(bytes).cloud, cloud);
});

Deno.test("decodePointCloud2() gives each value of a field a name", () => {
  const cloud = typedCloud("x,y,z,a,b", [[1, 2, 3, 4, 5]]);
  const fields: Message["fields"] = [
    ["x", 0, 7, 1],
    ["y", 4, 7, 0],
    ["z", 8, 7, 1],
    ["v", 12, 7, 2],
  ];
  const { cloud: read } = decodePointCloud2(write({ cloud, fields }));
  assertEquals(namesOf(read.fields), ["x", "y", "z", "v_0", "v_1"]);
  assertEquals(toFloat32(read), Float32Array.of(1, 2, 3, 4, 5));
});

Deno.test("decodePointCloud2() says what is wrong", () => {
  const cloud = typedCloud("x,y,z", [[1, 2, 3], [4, 5, 6]]);
  const fields: Message["fields"] = [["x", 0, 9, 1]];
  const decode = (bytes: Uint8Array) => () => decodePointCloud2(bytes);
  assertRefused(decode(write({ cloud, fields })), "unsupported", "datatype 9");
  assertRefused(decode(write({ cloud, kind: 2 })), "header", "0x2");
  assertRefused(decode(new Uint8Array(3)), "length", "CDR");
  const lying = { ...cloud, width: 3 };
  assertRefused(decode(write({ cloud: lying })), "length", "3 points of 12");
  assertRefused(
    decode(write({ cloud, fields: [["x", 0, 7, 4000]] })),
    "header",
    "4000 values",
  );
});

Deno.test("decodePointCloud2() reads damaged messages or refuses them", () => {
  const cloud = typedCloud("x,y,z,ring:u2", [[1, 2, 3, 4], [5, 6, 7, 8]]);
  damage((bytes) => decodePointCloud2(bytes).cloud, write({ cloud }));
});

testWith(["shared data"], "a real message is read", async () => {
  const bytes = readShared("pointcloud2_hesai.cdr")!;
  const { frameId, cloud, stamp } = decodePointCloud2(bytes);
  assertEquals(frameId, "lidar_link");
  assertEquals([cloud.points, cloud.stride], [64_000, 26]);
  assertEquals(cloud.fields.map(({ name, type }) => `${name} ${type}`), [
    ...["x float32", "y float32", "z float32", "intensity float32"],
    ...["ring uint16", "timestamp float64"],
  ]);
  assert(stamp > Date.UTC(2020, 0) && stamp < Date.UTC(2030, 0), `${stamp}`);
  const file = await decodeFile("a.cdr", bytes);
  assertSameBits(file, cloud);
});
