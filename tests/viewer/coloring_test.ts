import { assertEquals } from "@std/assert";
import { packFields, parseFieldList } from "../../lib/points/field.ts";
import {
  choiceOf,
  chooseColor,
  listColors,
} from "../../lib/viewer/coloring.ts";

function fieldsOf(list: string) {
  return packFields(parseFieldList(list));
}

Deno.test("a cloud's own colours come first, then its height", () => {
  const colored = fieldsOf("x,y,z,rgb");
  assertEquals(choiceOf(chooseColor(colored, undefined)), "rgb");
  assertEquals(
    choiceOf(chooseColor(fieldsOf("x,y,z,ring:u2"), undefined)),
    "height",
  );
  const channels = fieldsOf("red:u1,green:u1,blue:u1,x,y,z");
  assertEquals(choiceOf(chooseColor(channels, undefined)), "rgb");
});

Deno.test("the user's choice is kept, and passed over where it lacks", () => {
  const colored = fieldsOf("x,y,z,rgb,height:u1");
  assertEquals(choiceOf(chooseColor(colored, "height")), "height");
  assertEquals(choiceOf(chooseColor(colored, "plain")), "plain");
  assertEquals(
    chooseColor(colored, "field:height"),
    { kind: "field", field: colored.fields[4] },
  );
  assertEquals(choiceOf(chooseColor(colored, "field:ring")), "rgb");
});

Deno.test("every field that is a number can be chosen, intensity first", () => {
  const { fields } = fieldsOf("x,y,z,ring:u2,time:f8,Reflectivity:u1,rgb:u4");
  const { ways, fields: entries } = listColors(fields);
  assertEquals(ways.map(({ choice }) => choice), [
    "rgb",
    "height",
    "distance",
    "plain",
  ]);
  assertEquals(entries.map(({ label }) => label), [
    "Reflectivity",
    "ring",
    "time",
  ]);
  assertEquals(listColors([]).ways.map(({ label }) => label), [
    "Height",
    "Distance",
    "Plain",
  ]);
});
