import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { createCloud } from "../../lib/points/cloud.ts";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import { describePoint, shortest } from "../../lib/viewer/point_values.ts";

Deno.test("a point's values are told to the last digit", () => {
  const layout = packFields(
    parseFieldList("stamp:u8,x:f8,y,z,intensity,rgb:u4,ring:u2,back:i8"),
  );
  const data = new Uint8Array(layout.stride * 2);
  const view = new DataView(data.buffer, layout.stride);
  const at = (name: string) =>
    layout.fields.find((field) => field.name === name)!.offset;
  view.setBigUint64(at("stamp"), 1_700_000_000_123_456_789n, true);
  view.setFloat64(at("x"), 500_000.123, true);
  view.setFloat32(at("y"), 1.5, true);
  view.setFloat32(at("z"), -2, true);
  view.setFloat32(at("intensity"), 0.1, true);
  view.setUint32(at("rgb"), 0x00_12_ab_ff, true);
  view.setUint16(at("ring"), 63, true);
  view.setBigInt64(at("back"), -1n, true);
  const { index, place, values, color } = describePoint(
    createCloud({ ...layout, data }),
    1,
  );
  assertEquals(index, 1);
  assertEquals(place, [500_000.123, 1.5, -2]);
  assertEquals(color, "#12abff");
  assertEquals(values.map(({ name, text }) => `${name} ${text}`), [
    "stamp 1700000000123456789",
    "intensity 0.1",
    "ring 63",
    "back -1",
  ]);
});

Deno.test("a float32 is written so that it can be read back", () => {
  fc.assert(
    fc.property(fc.float(), (value) => {
      assertEquals(Math.fround(Number(shortest(value))), value);
    }),
  );
  assertEquals(shortest(Math.fround(0.1)), "0.1");
  assertEquals(shortest(-0), "-0");
});
