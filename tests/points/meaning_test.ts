import { assertEquals } from "@std/assert";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import { findColor, findIntensity } from "../../lib/points/meaning.ts";

function fieldsOf(list: string) {
  return packFields(parseFieldList(list)).fields;
}

/** What is found, by name. */
function colorOf(list: string): string {
  const color = findColor(fieldsOf(list));
  switch (color?.kind) {
    case undefined:
      return "none";
    case "packed":
      return `${color.field.name}${color.hasAlpha ? " with alpha" : ""}`;
    case "channels": {
      const { red, green, blue, alpha } = color;
      return [red, green, blue, alpha].flatMap((field) => field?.name ?? [])
        .join(" ");
    }
  }
}

Deno.test("findColor() finds colour, however it is spelled", () => {
  const spellings = {
    "x,y,z,rgb": "rgb",
    "x,y,z,rgb:u4": "rgb",
    "x,y,z,RGBA:i4": "RGBA with alpha",
    "x,y,z,red:u1,green:u1,blue:u1": "red green blue",
    "x,y,z,Red:u2,Green:u2,Blue:u2": "Red Green Blue",
    "x,y,z,r:u1,g:u1,b:u1,a:u1": "r g b a",
    "b:u1,g:u1,r:u1,x,y,z": "r g b",
    "x,y,z,diffuse_red:u1,diffuse_green:u1,diffuse_blue:u1":
      "diffuse_red diffuse_green diffuse_blue",
    "x,y,z": "none",
    "x,y,z,rgb:u8": "none",
    "x,y,z,red:u1,green:u1": "none",
    "x,y,z,r:u1,g:u2,b:u1": "none",
  };
  for (const [list, due] of Object.entries(spellings)) {
    assertEquals(colorOf(list), due, list);
  }
});

Deno.test("findIntensity() finds the strength, however it is spelled", () => {
  const find = (list: string) => findIntensity(fieldsOf(list))?.name;
  for (
    const name of [
      ...["intensity", "Intensity", "intensities", "scalar_Intensity"],
      ...["reflectivity", "remission", "i"],
    ]
  ) assertEquals(find(`x,y,z,t,${name}:u2`), name);
  assertEquals(find("x,y,z,ring:u2"), undefined);
});
