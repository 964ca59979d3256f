import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  createCloud,
  namesOf,
  type PointCloud,
} from "../../../lib/points/cloud.ts";
import {
  CloudiniDecoder,
  CloudiniEncoder,
} from "../../../lib/points/cloudini/mod.ts";
import { PointsError } from "../../../lib/points/errors.ts";
import {
  FIELD_TYPES,
  type FieldType,
  findType,
  typeBytes,
} from "../../../lib/points/field.ts";
import {
  decodedBits,
  encodeStagesNaively,
  layOut,
  type NaiveField,
  type NaiveTypedCloud,
  toBits,
  toNumber,
} from "./naive_typed.ts";
import { assemble, decoder } from "./support.ts";

/** Bits that are awkward in some type or other. */
const AWKWARD = [
  ...[0n, 1n, 2n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn],
  ...[0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 62n, 1n << 63n],
  ...[(1n << 63n) - 1n, (1n << 64n) - 1n, 0x7fc00000n, 0x7fc00001n],
  ...[0x7ff8n << 48n, 0x8000000000000000n],
];

/** Values that a sensor may give, as bits of a type. */
function arbitraryBits(type: FieldType): fc.Arbitrary<bigint> {
  const width = 8 * typeBytes(type);
  if (!type.startsWith("float")) {
    return fc.oneof(
      fc.bigInt({ min: -3n, max: 3n }),
      fc.bigInt({ min: -70_000n, max: 70_000n }),
      fc.constantFrom(...AWKWARD),
    ).map((value) => BigInt.asUintN(width, value));
  }
  return fc.oneof(
    fc.integer({ min: -20, max: 20 }).map((value) => toBits(value / 8, type)),
    fc.float({ min: -100, max: 100, noNaN: true }).map((value) =>
      toBits(value, type)
    ),
    fc.constant(toBits(NaN, type)),
  );
}

const arbitraryFields = fc.array(fc.constantFrom(...FIELD_TYPES), {
  minLength: 3,
  maxLength: 9,
}).chain((types) =>
  fc.record({
    gaps: fc.array(fc.integer({ min: 0, max: 5 }), {
      minLength: types.length + 1,
      maxLength: types.length + 1,
    }),
    steps: fc.array(fc.option(fc.constantFrom(0.001, 0.25, 1)), {
      minLength: types.length,
      maxLength: types.length,
    }),
    isPlain: fc.boolean(),
  }).map(({ gaps, steps, isPlain }) => {
    let offset = isPlain ? 0 : gaps[0];
    const fields = types.map((type, i): NaiveField => {
      const field: NaiveField = { name: "xyz"[i] ?? `f${i}`, type, offset };
      const step = steps[i];
      if (step !== null && type.startsWith("float")) {
        field.resolution = Math.fround(step);
      }
      offset += typeBytes(type) + (isPlain ? 0 : gaps[i + 1]);
      return field;
    });
    return { fields, stride: offset };
  })
);

const arbitraryCloud: fc.Arbitrary<NaiveTypedCloud> = arbitraryFields.chain(
  ({ fields, stride }) =>
    fc.record({
      version: fc.constantFrom(3, 4, 5),
      encoding: fc.constantFrom("none", "lossy", "lossless"),
      fields: fc.constant(fields),
      stride: fc.constant(stride),
      bits: fc.array(
        fc.tuple(...fields.map(({ type }) => arbitraryBits(type))),
        { minLength: 1, maxLength: 40 },
      ),
      mode: fc.constantFrom(0, 1, 2, 3),
    }),
).map((cloud) =>
  // A resolution is for what is rounded.
  cloud.encoding === "lossy"
    ? cloud
    : { ...cloud, fields: cloud.fields.map(withoutSteps) }
);

function withoutSteps({ name, type, offset }: NaiveField): NaiveField {
  return { name, type, offset };
}

function headerOf(cloud: NaiveTypedCloud, compression = "NONE"): string {
  const { version, encoding, fields, stride, bits } = cloud;
  return `CLOUDINI_V0${version}\nversion: 5\nwidth: ${bits.length}\n` +
    `height: 1\npoint_step: ${stride}\n` +
    `encoding_opt: ${encoding.toUpperCase()}\n` +
    `compression_opt: ${compression}\nencoding_config: a b\nfields:\n` +
    fields.map(({ name, type, offset, resolution = null }, i) =>
      `  - name: ${name}\n    offset: ${offset}\n    type: ${
        i % 2 === 0 ? type.toUpperCase() : FIELD_TYPES.indexOf(type) + 1
      }\n    resolution: ${resolution}\n`
    ).join("");
}

/** Writes a buffer by the plain means. */
function encodeNaively(cloud: NaiveTypedCloud): Uint8Array {
  return assemble(
    headerOf(cloud),
    encodeStagesNaively(cloud).map((stage) => Uint8Array.from(stage)),
  );
}

function decodedNaively(cloud: NaiveTypedCloud): Uint8Array {
  return layOut(
    cloud,
    cloud.bits.map((point) =>
      point.map((bits, field) => decodedBits(cloud, field, bits))
    ),
  );
}

Deno.test("CloudiniDecoder reads every type, encoding, version and mode", () => {
  fc.assert(
    fc.property(arbitraryCloud, (cloud) => {
      const decoded = decoder().decode(encodeNaively(cloud));
      assertEquals(decoded.data, decodedNaively(cloud));
      assertEquals(decoded.stride, cloud.stride);
      assertEquals(
        decoded.fields,
        cloud.fields.map(({ name, type, offset }) => ({ name, type, offset })),
      );
    }),
    { numRuns: 500 },
  );
});

/** Reads the fields and steps that an encoder chose. */
function fieldsOf(bytes: Uint8Array): NaiveField[] {
  const text = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  const entry =
    /- name: (.*)\n +offset: (.*)\n +type: (.*)\n +resolution: (.*)/g;
  return [...text.matchAll(entry)].map((
    [, name, offset, type, resolution],
  ) => ({
    name,
    offset: Number(offset),
    type: findType(type.toLowerCase())!,
    ...(resolution === "null"
      ? {}
      : { resolution: Math.fround(Number(resolution)) }),
  }));
}

Deno.test("CloudiniEncoder writes every type as the description says", () => {
  fc.assert(
    fc.property(arbitraryCloud, (due) => {
      const { fields, stride, encoding } = due;
      const cloud = createCloud({
        data: layOut(due, due.bits),
        fields: fields.map(withoutSteps),
        stride,
      });
      const { codec, bytes, shape, steps } = new CloudiniEncoder({
        encoding,
        compression: "none",
        resolutions: { f3: 0.01, f4: 0.01, f5: 0.5 },
      }).encode(cloud);
      assertEquals(codec, "cloudini");
      const chosen = fieldsOf(bytes);
      const order = chosen.map(({ name }) =>
        fields.findIndex((field) => field.name === name)
      );
      const naive: NaiveTypedCloud = {
        ...{ version: 5, encoding, stride, fields: chosen },
        bits: due.bits.map((point) => order.map((index) => point[index])),
      };
      const stages = encodeStagesNaively(naive);
      const start = bytes.indexOf(0) + 5;
      assertEquals([...bytes.subarray(start)], stages[0]);
      const decoded = decoder().decode(bytes);
      assertEquals(decoded.data, decodedNaively(naive));
      assertEquals(
        { ...decoded, data: undefined },
        { ...shape, data: undefined },
      );
      assertExact(due, decoded, steps);
    }),
    { numRuns: 500 },
  );
});

/** Compares bits, and those of steps within half of one. */
function assertExact(
  { fields, bits, encoding }: NaiveTypedCloud,
  { data, stride }: PointCloud,
  steps: Readonly<Record<string, number>>,
): void {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (encoding !== "lossy") assertEquals(steps, {});
  bits.forEach((point, i) =>
    fields.forEach(({ name, type, offset }, field) => {
      const at = i * stride + offset;
      let read = 0n;
      for (let byte = typeBytes(type) - 1; byte >= 0; byte--) {
        read = read << 8n | BigInt(view.getUint8(at + byte));
      }
      if (!(name in steps)) return assertEquals(read, point[field]);
      const error = toNumber(read, type) - toNumber(point[field], type);
      if (Number.isNaN(error)) return assertEquals(read, point[field]);
      assert(Math.abs(error) <= steps[name] * 0.51, `${name}: ${error}`);
    })
  );
}

/** Damages bytes here and there, or cuts them off. */
const arbitraryDamage = fc.array(
  fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(255)),
  { minLength: 1, maxLength: 5 },
);

Deno.test("CloudiniDecoder throws nothing but PointsError for damaged bytes", () => {
  const strict = new CloudiniDecoder({ maxBytes: 1_000_000 });
  fc.assert(
    fc.property(
      arbitraryCloud,
      arbitraryDamage,
      fc.constantFrom("NONE", "LZ4"),
      fc.boolean(),
      (cloud, damage, compression, isHeaderKept) => {
        const bytes = assemble(
          headerOf(cloud, compression),
          encodeStagesNaively(cloud).map((stage) => Uint8Array.from(stage)),
        );
        const from = isHeaderKept ? bytes.indexOf(0) + 1 : 0;
        for (const [where, byte] of damage) {
          bytes[from + Math.floor(where * (bytes.length - from))] = byte;
        }
        const size = Math.floor(damage[0][0] * 3 * bytes.length);
        try {
          strict.decode(bytes.subarray(0, size));
        } catch (error) {
          assert(error instanceof PointsError, `${error}`);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

/** A binary header, and what follows it. */
function binary(
  { encoding, fields, stride, bits, version }: NaiveTypedCloud,
  chunks: number[][],
): Uint8Array {
  const bytes: number[] = [
    ...new TextEncoder().encode(`CLOUDINI_V0${version}`),
  ];
  const put = (size: number, value: number) => {
    for (let i = 0; i < size; i++) bytes.push(value / 256 ** i & 255);
  };
  put(4, bits.length);
  put(4, 1);
  put(4, stride);
  put(1, ["none", "lossy", "lossless"].indexOf(encoding));
  put(1, 0);
  put(2, fields.length);
  for (const { name, type, offset, resolution = -1 } of fields) {
    put(2, name.length);
    bytes.push(...new TextEncoder().encode(name));
    put(4, offset);
    put(1, FIELD_TYPES.indexOf(type) + 1);
    bytes.push(...new Uint8Array(Float32Array.of(resolution).buffer));
  }
  for (const chunk of chunks) {
    if (version > 2) put(4, chunk.length);
    bytes.push(...chunk);
  }
  return Uint8Array.from(bytes);
}

Deno.test("CloudiniDecoder reads binary headers, and refuses them cut off", () => {
  fc.assert(
    fc.property(arbitraryCloud, (cloud) => {
      // Of so many points, the header looks like text.
      fc.pre(cloud.bits.length !== 10);
      const stages = encodeStagesNaively(cloud);
      const bytes = binary(cloud, stages);
      assertEquals(decoder().decode(bytes).data, decodedNaively(cloud));
      for (let length = 0; length < bytes.length; length++) {
        assertThrows(
          () => decoder().inspect(bytes.subarray(0, length)),
          PointsError,
        );
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("CloudiniDecoder reads version 2: one chunk, without a count", () => {
  const fields: NaiveField[] = [
    { name: "x", type: "float32", offset: 0, resolution: 0.5 },
    { name: "y", type: "float32", offset: 4, resolution: 0.5 },
    { name: "z", type: "float32", offset: 8, resolution: 0.5 },
    { name: "t", type: "float64", offset: 12 },
    { name: "ring", type: "uint16", offset: 20 },
  ];
  const bits = Array.from({ length: 100 }, (_, i) => [
    ...[i, -i, i % 3].map((value) => toBits(value, "float32")),
    ...[toBits(i / 7, "float64"), BigInt(i % 16)],
  ]);
  const cloud: NaiveTypedCloud = {
    ...{ version: 2, encoding: "lossy", stride: 22, fields, bits },
  };
  const bytes = binary(cloud, encodeStagesNaively(cloud));
  assertEquals(decoder().decode(bytes).data, decodedNaively(cloud));
});

Deno.test("CloudiniDecoder sorts fields by their offsets", () => {
  const cloud: NaiveTypedCloud = {
    ...{ version: 5, encoding: "none", stride: 4 },
    fields: ["z", "x", "y", "a"].map((name, i) => ({
      name,
      type: "uint8",
      offset: 3 - i,
    })),
    bits: [[4n, 3n, 2n, 1n]],
  };
  const { fields, data } = decoder().decode(encodeNaively(cloud));
  assertEquals(namesOf(fields), ["a", "y", "x", "z"]);
  assertEquals(data, Uint8Array.of(1, 2, 3, 4));
});
