import { assertEquals } from "@std/assert";
import { column, namesOf } from "../../../lib/points/cloud.ts";
import { parseFieldList } from "../../../lib/points/field.ts";
import {
  decodeText,
  type DecodeTextOptions,
} from "../../../lib/points/text/text.ts";
import {
  assertRefused,
  damage,
  fieldList,
  rowsOf,
  utf8,
} from "../file_clouds.ts";

/** A text's fields and values. */
function read(text: string, options?: DecodeTextOptions) {
  const cloud = decodeText(utf8(text), options);
  return { list: fieldList(cloud), rows: rowsOf(cloud) };
}

const ROWS = [[1, 2.5, -3], [4, 5, 6e3]];

Deno.test("decodeText() reads numbers however they are separated", () => {
  for (
    const text of [
      "1 2.5 -3\n4 5 6e3\n",
      "1\t2.5\t-3\r\n4\t5\t6e3",
      "1,2.5,-3\n4, 5 ,6e3\n\n",
      "1;2.5;-3;\n4;5;6e3;\n",
      "\ufeff  1 2.5   -3  \n\n# a comment\n4 5 6e3\n// the end\n",
      "1 2.5 -3\r4 5 6e3\r",
    ]
  ) {
    assertEquals(read(text), { list: "x,y,z", rows: ROWS }, text);
  }
});

Deno.test("decodeText() reads the names that a line has", () => {
  for (
    const text of [
      "X Y Z Label\n1 2.5 -3 7\n",
      "//X Y Z Label\n1 2.5 -3 7\n",
      "# a scan\n# x y z Label\n1 2.5 -3 7\n",
      '"x","y","z","Label"\n1,2.5,-3,7\n',
      "x;y;z;Label\n1;2.5;-3;7",
    ]
  ) {
    const due = { list: "x,y,z,Label", rows: [[1, 2.5, -3, 7]] };
    assertEquals(read(text), due, text);
  }
  // Names of which there are not as many as numbers are none.
  assertEquals(read("# x y z of a scan\n1 2 3\n").list, "x,y,z");
  assertEquals(read("t,x,y,z\n").rows, []);
});

Deno.test("decodeText() names columns that have none", () => {
  assertEquals(read("1 2 3 4 5\n").list, "x,y,z,c3,c4");
  const fields = parseFieldList("z,y,x,ring:u2,t:f8");
  assertEquals(read("1 2 3 4 5\n", { fields }), {
    list: "z,y,x,ring:u2,t:f8",
    rows: [[1, 2, 3, 4, 5]],
  });
  assertRefused(
    () => read("1 2 3 4\n", { fields }),
    "header",
    "a line has 4 numbers, and 5 fields are named",
  );
});

Deno.test("decodeText() finds the type that holds a column's numbers", () => {
  const types = (text: string) => read(text).list;
  assertEquals(types("12.345 0.1 -7.25e3\n"), "x,y,z");
  assertEquals(types("500123.123 0.1 2\n"), "x:f8,y,z");
  assertEquals(types("0.1234567891 2 3\n1 2 3\n"), "x:f8,y,z");
  assertEquals(types("x,y,z,r,g,b\n1,2,3,255,0,16\n"), "x,y,z,r:u1,g:u1,b:u1");
  assertEquals(types("x,y,z,r,g,b\n1,2,3,256,0,0.5\n"), "x,y,z,r,g:u1,b");
  const times = read("x,y,z,t\n1,2,3,1700000000123456789\n1,2,3,5\n");
  assertEquals(times.list, "x,y,z,t:i8");
  assertEquals(times.rows.map((row) => row[3]), [1700000000123456789n, 5n]);
});

Deno.test("decodeText() takes what is missing for NaN", () => {
  assertEquals(read("x,y,z,i\n1,2,3,\n1,,3,4\n,2,3,nan\n").rows, [
    ...[[1, 2, 3, NaN], [1, NaN, 3, 4], [NaN, 2, 3, NaN]],
  ]);
});

Deno.test("decodeText() reads Leica's files", () => {
  const isPts = true;
  assertEquals(read("2\n1 2 3 -1200 9 8 7\n4 5 6 10 3 2 1\n", { isPts }), {
    list: "x,y,z,intensity,r:u1,g:u1,b:u1",
    rows: [[1, 2, 3, -1200, 9, 8, 7], [4, 5, 6, 10, 3, 2, 1]],
  });
  assertEquals(read("1 2 3 4\n", { isPts }).list, "x,y,z,intensity");
});

Deno.test("decodeText() names the line that it can't read", () => {
  assertRefused(() => read("1 2 3\n1 2\n"), "length", "line 2: 2 of 3 numbers");
  assertRefused(() => read("1 2 3\n1 2 3 4"), "length", "line 2: more than 3");
  assertRefused(
    () => read("1 2 3\n1 b 3"),
    "text",
    'line 2: expected a number, got "b"',
  );
  assertRefused(
    () => read("hello\n1 2 3"),
    "text",
    'line 1: expected a number, got "hello"',
  );
  assertRefused(() => read("1,5;2;3\n"), "text", 'got "1,5"');
  assertRefused(() => read("1 2\n"), "header", "x, y");
  assertRefused(() => read("# nothing\n"), "empty", "no points");
  const fields = parseFieldList("x,y,z,a:u1");
  assertRefused(() => read("1 2 3 256", { fields }), "text", "no uint8");
});

Deno.test("decodeText() reads damaged files or refuses them", () => {
  for (
    const text of [
      "x,y,z,t,r\n1,2.5,-3e2,1700000000123456789,255\n4,5,6,7,8\n",
      "# c\n1 2 3\n4 nan 6\n",
    ]
  ) damage((bytes) => decodeText(bytes), utf8(text));
});

Deno.test("decodeText() keeps a hundred thousand points", () => {
  const lines = Array.from({ length: 100_000 }, (_, i) => `${i} ${i / 8} 1\n`);
  const cloud = decodeText(utf8(lines.join("")));
  assertEquals(namesOf(cloud.fields), ["x", "y", "z"]);
  assertEquals(column(cloud, "y")[99_999], 99_999 / 8);
});
