/** The codec against the plain model of the format, for any cloud. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  column,
  namesOf,
  type PointCloud,
  viewOf,
} from "../../../lib/points/cloud.ts";
import { ChunkEncoder } from "../../../lib/points/cloudini/chunk_encoder.ts";
import type { CloudiniField } from "../../../lib/points/cloudini/info.ts";
import { CloudiniDecoder } from "../../../lib/points/cloudini/mod.ts";
import { PointsError } from "../../../lib/points/errors.ts";
import { isFloat } from "../../../lib/points/field.ts";
import { anyCloud, assertSameBits, typedCloud } from "../file_clouds.ts";
import { encodeModel, type Model } from "./model.ts";
import { decoder } from "./support.ts";

const ENCODINGS = ["none", "lossy", "lossless"] as const;
const VERSIONS = [2, 3, 4, 5] as const;

/** Some of a cloud's fields, in any order, with and without steps. */
function anyFields({ fields }: PointCloud): fc.Arbitrary<CloudiniField[]> {
  const resolution = fc.constantFrom(undefined, 0.001, 0.5, 1, 1e6, 1e30);
  return fc.tuple(
    fc.shuffledSubarray([...fields], {
      minLength: fields.length,
      maxLength: fields.length,
    }),
    fc.array(resolution, {
      minLength: fields.length,
      maxLength: fields.length,
    }),
  ).map(([shuffled, steps]) =>
    shuffled.map((field, i): CloudiniField =>
      isFloat(field.type) && steps[i] !== undefined
        ? { ...field, resolution: Math.fround(steps[i]) }
        : field
    )
  );
}

const anyCase = anyCloud().chain((cloud) =>
  fc.record({
    cloud: fc.constant(cloud),
    fields: anyFields(cloud),
    encoding: fc.constantFrom(...ENCODINGS),
    version: fc.constantFrom(...VERSIONS),
    mode: fc.integer({ min: 0, max: 3 }),
  })
);

/** The bytes of one field's values. */
function bytesOf(cloud: PointCloud, name: string): Uint8Array {
  return new Uint8Array(column(cloud, name).buffer);
}

/** A whole buffer of one uncompressed chunk. */
function bufferOf(cloud: PointCloud, model: Model): Uint8Array {
  const text = [
    `CLOUDINI_V0${model.version}`,
    `width: ${cloud.width}`,
    `height: ${cloud.height}`,
    `point_step: ${cloud.stride}`,
    `encoding_opt: ${model.encoding.toUpperCase()}`,
    "compression_opt: NONE",
    "fields:",
    ...model.fields.flatMap(({ name, type, offset, resolution }) => [
      `  - name: ${name}`,
      `    offset: ${offset}`,
      `    type: ${type.toUpperCase()}`,
      `    resolution: ${resolution ?? "null"}`,
    ]),
    "\0",
  ].join("\n");
  const header = new TextEncoder().encode(text);
  if (cloud.points === 0) return header;
  const stage = encodeModel(model, cloud);
  const count = model.version === 2
    ? []
    : new Uint8Array(Uint32Array.of(stage.length).buffer);
  return Uint8Array.of(...header, ...count, ...stage);
}

/** The fields whose values a decoder gives back bit for bit. */
function exactFields({ encoding, fields }: Model): CloudiniField[] {
  return fields.filter(({ type, resolution }) =>
    encoding !== "lossy" || resolution === undefined || !isFloat(type)
  );
}

/** Makes the values small enough for any steps, as most are. */
function tame(cloud: PointCloud): PointCloud {
  const view = viewOf(cloud);
  for (const { type, offset } of cloud.fields) {
    for (let i = 0, at = offset; i < cloud.points; i++, at += cloud.stride) {
      if (type === "float32") {
        view.setFloat32(at, view.getInt16(at, true) / 64, true);
      }
      if (type === "float64") {
        view.setFloat64(at, view.getInt16(at, true) / 64, true);
      }
    }
  }
  return cloud;
}

Deno.test("ChunkEncoder writes any cloud as the model does", () => {
  fc.assert(
    fc.property(anyCase, fc.boolean(), (given, isTame) => {
      const { fields, encoding } = given;
      const cloud = isTame ? tame(given.cloud) : given.cloud;
      fc.pre(cloud.points > 0);
      const chunks = new ChunkEncoder({
        ...cloud,
        encoding,
        compression: "none",
        fields,
      });
      chunks.reset();
      const stage = chunks.encode({
        view: viewOf(cloud),
        start: 0,
        stride: cloud.stride,
        points: cloud.points,
      });
      if (typeof stage === "string") {
        // A value that its steps can't hold.
        assert(encoding === "lossy" && !isTame, stage);
        return;
      }
      const due = encodeModel({ version: 5, encoding, fields }, cloud);
      assertEquals(stage, Uint8Array.from(due));
    }),
    { numRuns: 500 },
  );
});

Deno.test("CloudiniDecoder reads what the model writes, whatever the version", () => {
  fc.assert(
    fc.property(
      anyCase,
      ({ cloud: given, fields, encoding, version, mode }) => {
        const cloud = tame(given);
        const modes = Object.fromEntries(
          fields.map(({ name }) => [name, mode]),
        );
        const model = { version, encoding, fields, modes };
        const decoded = decoder().decode(bufferOf(cloud, model));
        const exact = exactFields(model);
        const names = cloud.fields.toSorted((a, b) => a.offset - b.offset);
        assertEquals(namesOf(decoded.fields), namesOf(names));
        for (const field of exact) {
          const { name } = field;
          assertEquals(bytesOf(decoded, name), bytesOf(cloud, name));
        }
        for (const field of fields.filter((field) => !exact.includes(field))) {
          const { offset, type, resolution = 0 } = field;
          const [before, after] = [viewOf(cloud), viewOf(decoded)];
          for (let i = 0; i < cloud.points; i++) {
            const at = i * cloud.stride + offset;
            const [a, b] = type === "float32"
              ? [before.getFloat32(at, true), after.getFloat32(at, true)]
              : [before.getFloat64(at, true), after.getFloat64(at, true)];
            const bound = resolution / 2 * (1 + 2 ** -20) +
              Math.abs(a) * 2 ** -22;
            assert(Math.abs(a - b) <= bound, `${a} came back as ${b}`);
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("CloudiniDecoder throws nothing but PointsError for damaged bytes", () => {
  const strict = new CloudiniDecoder({ maxBytes: 1_000_000 });
  const anyDamage = fc.array(
    fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(
      anyCase,
      anyDamage,
      fc.boolean(),
      ({ cloud, fields, encoding, version, mode }, damage, isHeaderKept) => {
        const modes = Object.fromEntries(
          fields.map(({ name }) => [name, mode]),
        );
        const bytes = bufferOf(tame(cloud), {
          version,
          encoding,
          fields,
          modes,
        });
        const from = isHeaderKept ? bytes.indexOf(0) + 1 : 0;
        for (const [where, byte] of damage) {
          const at = from + Math.floor(where * (bytes.length - from));
          if (at < bytes.length) bytes[at] = byte;
        }
        const length = Math.floor(damage[0][0] * 3 * bytes.length);
        try {
          strict.decode(bytes.subarray(0, length));
        } catch (error) {
          assert(error instanceof PointsError, `${error}`);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("CloudiniDecoder reads each mode of a section, of every size of runs", () => {
  const rows = Array.from({ length: 500 }, (_, i) => [
    ...[i, 0, 0, i % 7, -(i >> 3), 0xffff_ffff - i * i],
    ...[BigInt(i) << 40n, -(2n ** 63n) + BigInt(i % 200)],
  ]);
  const list = "x,y,z,a:u2,b:i2,c:u4,d:i8,e:i8";
  const cloud = typedCloud(list, rows);
  for (const mode of [0, 1, 2, 3]) {
    const modes = Object.fromEntries(
      ["a", "b", "c", "d", "e"].map((name) => [name, mode]),
    );
    const model: Model = {
      version: 5,
      encoding: "lossy",
      fields: cloud.fields,
      modes,
    };
    assertSameBits(decoder().decode(bufferOf(cloud, model)), cloud);
  }
});
