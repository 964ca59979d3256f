import { assert, assertEquals, assertGreater } from "@std/assert";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import {
  Categories,
  nameCategory,
  SLOTS,
} from "../../lib/viewer/categories.ts";
import { paletteOf } from "../../lib/viewer/palette.ts";
import { DARK, LIGHT, type Rgb } from "../../lib/viewer/theme.ts";

function categoriesOf(field: string): Categories {
  const { fields } = packFields(parseFieldList(`x,y,z,${field}`));
  return new Categories(fields[3], fields);
}

function range(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => i);
}

Deno.test("integers of few values name things, whatever they are called", () => {
  assert(categoriesOf("kind:u1").add(range(24)));
  assert(!categoriesOf("kind:u1").add(range(25)));
  assert(!categoriesOf("kind").add(range(2)));
  assert(!categoriesOf("intensity:u1").add(range(2)));
});

Deno.test("rings and labels may have many values, and be floats", () => {
  for (
    const name of ["ring:u2", "label", "scalar_Classification", "class:i8"]
  ) {
    assert(categoriesOf(name).add(range(128)), name);
  }
  assert(!categoriesOf("label").add(Float64Array.of(0, 0.5)));
  assert(!categoriesOf("label:u4").add(range(257)));
});

Deno.test("a field that had too many values is never one again", () => {
  const categories = categoriesOf("kind:u1");
  categories.add(range(25));
  assert(!categories.add(range(1)));
});

Deno.test("values keep their colours while others come and go", () => {
  const categories = categoriesOf("label:u4");
  categories.add(Float64Array.of(40, 70));
  const before = [categories.slotOf(40), categories.slotOf(70)];
  categories.add(Float64Array.of(3, 10, 259));
  assertEquals([categories.slotOf(40), categories.slotOf(70)], before);
  const { list } = categories;
  assertEquals(list.map(({ value }) => value), [3, 10, 40, 70, 259]);
  assertEquals(new Set(list.map(({ slot }) => slot)).size, 5);
  assertEquals(categories.table[259], categories.slotOf(259));
});

Deno.test("no two of a palette's worth of values share a colour", () => {
  const categories = categoriesOf("label:u4");
  categories.add(Float64Array.from({ length: SLOTS }, (_, i) => i * SLOTS + 5));
  const slots = new Set(categories.list.map(({ slot }) => slot));
  assertEquals(slots.size, SLOTS);
});

Deno.test("a small value has the colour of its number", () => {
  const categories = categoriesOf("classification:u1");
  categories.add(range(19));
  for (const { value, slot } of categories.list) assertEquals(slot, value);
});

Deno.test("the standard classes have names where that is what they are", () => {
  assertEquals(nameCategory("classification", 6), "6 Building");
  assertEquals(nameCategory("Classification", 18), "18 High noise");
  assertEquals(nameCategory("classification", 64), "64");
  assertEquals(nameCategory("label", 6), "6");
});

/** Ratio of contrast, WCAG 2.2. */
function contrast(a: Rgb, b: Rgb): number {
  const [low, high] = [a, b].map(luminance).sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

for (const theme of [DARK, LIGHT]) {
  const name = theme.isDark ? "dark" : "light";
  Deno.test(`colours of a palette can be seen and told apart, ${name}`, () => {
    for (const field of ["label", "classification"]) {
      const palette = paletteOf(field, theme.isDark);
      assertEquals(palette.length, SLOTS);
      for (const [i, color] of palette.entries()) {
        const slot = `${field} ${i}`;
        assertGreater(contrast(color, theme.background), 2.4, slot);
        for (const other of palette.slice(0, i)) {
          const apart = Math.hypot(...color.map((c, k) => c - other[k]));
          assertGreater(apart, 0.04, slot);
        }
      }
    }
  });
}
