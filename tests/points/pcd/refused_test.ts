import { decodePcd } from "../../../lib/points/pcd/pcd.ts";
import { assertRefused, concat, utf8 } from "../file_clouds.ts";
import { COMPRESSED, compressed, FORMS, header } from "./support.ts";

Deno.test("decodePcd() refuses a number that its field's type can't hold", () => {
  const refused = (type: string, size: string, word: string) =>
    assertRefused(
      () =>
        decodePcd(utf8(
          header({
            fields: "x y z a",
            size: `4 4 4 ${size}`,
            type: `F F F ${type}`,
            points: 1,
          }) + `1 2 3 ${word}\n`,
        )),
      "text",
      "line 12",
      JSON.stringify(word),
    );
  refused("U", "2", "70000");
  refused("U", "1", "-1");
  refused("I", "1", "128");
  refused("I", "4", "0.5");
  refused("U", "4", "nan");
  refused("U", "8", "18446744073709551616");
  refused("U", "8", "-1");
  refused("I", "8", "1.5");
});

Deno.test("decodePcd() refuses what contradicts itself, and names the line", () => {
  const refused = (text: string, ...words: string[]) =>
    assertRefused(() => decodePcd(utf8(text)), "header", ...words);
  refused("x y z\n1 2 3\n", "line 1", "expected one of VERSION", "got x");
  refused("VERSION 0.7\nFIELDS x y", "line 2", "byte 22", "newline");
  refused("VERSION 0.7\nDATA ascii\n", "line 2", "expected FIELDS");
  refused("FIELDS x y z\nDATA ascii\n", "line 2", "expected POINTS");
  refused("FIELDS x y z\nFIELDS x\n", "line 2", "FIELDS comes a second time");
  refused(header({ fields: "x y i" }), "no field z", "got x, y, i");
  refused(header({ fields: "" }), "no field x", "got none");
  refused(header({ size: "4 4" }), "line 4", "SIZE has 2 entries, expected 3");
  refused(header({ count: "1 1 0" }), "no field z", "got x, y");
  refused(header({ count: "1 1 -1" }), "line 6", "got -1");
  refused(header().replace("HEIGHT 1", "HEIGHT 2"), "line 10", "expected 4");
  refused(header().replace("WIDTH 2", "WIDTH many"), "line 7", "got many");
  refused(header().replace("0 0 0 1", "0 0 0"), "line 9", "7 numbers");
  refused(header().replace("VIEWPOINT 0", "VIEWPOINT a"), "line 9", "got a 0");
});

Deno.test("decodePcd() refuses what it doesn't read by name", () => {
  const refused = (text: string, ...words: string[]) =>
    assertRefused(() => decodePcd(utf8(text)), "unsupported", ...words);
  refused(header().replace("VERSION 0.7", "VERSION 0.8"), "line 2", "0.8");
  refused(header({ data: "zipped" }), "line 11", "DATA zipped");
  refused(header({ size: "4 4 2" }), "line 5", "field z", "TYPE F", "SIZE 2");
  refused(header({ type: "F Q F" }), "line 5", "field y of TYPE Q");
});

Deno.test("decodePcd() names the line of a point that is none", () => {
  const refused = (rows: string, ...words: string[]) =>
    assertRefused(() => decodePcd(utf8(header() + rows)), "length", ...words);
  refused("1 2 3\n44444 5\n", "line 13", "2 numbers, expected 3");
  refused("1 2 3 4\n5 6 7\n", "line 12", "more than 3 numbers");
  refused("11111 22222 33333\n", "line 13", "ends after 1 points, expected 2");
  refused("1 2 3\n", "line 12", "2 points of 3 numbers take 11 bytes");
  assertRefused(
    () => decodePcd(utf8(`${header()}1 2 3\n4 five 6\n`)),
    "text",
    "line 13",
    'got "five"',
  );
});

Deno.test("decodePcd() names the byte where points are missing", () => {
  const start = header({ data: "binary" }).length;
  assertRefused(
    () => decodePcd(concat(header({ data: "binary" }), new Uint8Array(23))),
    "length",
    `24 bytes from byte ${start}, 23 follow`,
  );
});

Deno.test("decodePcd() refuses compressed sizes that contradict the file", () => {
  const refused = (file: Uint8Array, ...words: string[]) =>
    assertRefused(() => decodePcd(file), "length", ...words);
  const { length } = header({ data: "binary_compressed" });
  refused(
    compressed([14, 24], COMPRESSED),
    `14`,
    `byte ${length}`,
    "13 follow",
  );
  refused(
    compressed([13, 25], COMPRESSED),
    `byte ${length + 4}`,
    "expected 24",
  );
  refused(compressed([12, 24], COMPRESSED), `byte ${length + 8}`, "byte 11");
  refused(
    compressed([13, 24], COMPRESSED).subarray(0, length + 7),
    `two sizes, 8 bytes, at byte ${length}, 7 follow`,
  );
  assertRefused(() => decodePcd(new Uint8Array(0)), "empty");
});

Deno.test("decodePcd() allocates nothing for points that can't be there", () => {
  for (const data of FORMS) {
    for (const points of [4_000_000_000, 999_999_999_999_999]) {
      const text = header({ points, data });
      const bytes = concat(text, "1 2 3\n", COMPRESSED);
      assertRefused(() => decodePcd(bytes), "length");
    }
  }
  const bomb = concat(
    header({ points: 350_000_000, data: "binary_compressed" }),
    new Uint8Array(Uint32Array.of(3, 4_200_000_000).buffer),
    Uint8Array.of(0xe0, 255, 0),
  );
  assertRefused(() => decodePcd(bomb), "length", "can't come of 3");
  assertRefused(
    () => decodePcd(utf8(header({ count: "1 1 4000000000" }))),
    "too-large",
    "line 3",
    "4000000002 values",
  );
});
