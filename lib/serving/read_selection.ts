import { STATUS_CODE } from "@std/http/status";
import { cutText } from "../foreign_text.ts";
import type { Box, Selection } from "../points/select.ts";
import { HttpProblem } from "./problem.ts";

const MAX_FIELDS = 64;
const MAX_NAME = 64;
const MAX_EVERY = 65_536;

/**
 * Reads which part of clouds a request asks for: `?fields=x,y,z,intensity`,
 * `every=2`, `box=` the least x, y and z and the greatest.
 *
 * @returns nothing where it asks for all of them.
 * @throws {HttpProblem} 400 for what is no selection, with what is wrong.
 */
export function readSelection(url: string): Selection | undefined {
  const { searchParams } = new URL(url);
  const read = <T>(name: string, of: (text: string) => T) => {
    const text = searchParams.get(name);
    return text === null ? {} : { [name]: of(text) };
  };
  const selection: Selection = {
    ...read("fields", readFields),
    ...read("every", readEvery),
    ...read("box", readBox),
  };
  return Object.keys(selection).length === 0 ? undefined : selection;
}

function readFields(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const areNames = names.length <= MAX_FIELDS &&
    names.every((name) => name !== "" && name.length <= MAX_NAME);
  if (areNames) return names;
  throw wrong("fields", text, `up to ${MAX_FIELDS} names, such as x,y,z,rgb`);
}

function readEvery(text: string): number {
  const every = Number(text);
  if (Number.isInteger(every) && every >= 1 && every <= MAX_EVERY) return every;
  throw wrong("every", text, `a whole number from 1 to ${MAX_EVERY}`);
}

function readBox(text: string): Box {
  const values = text.split(",", 7).map((part) => part.trim());
  const [x1, y1, z1, x2, y2, z2] = values.map(Number);
  const isBox = values.length === 6 && x1 <= x2 && y1 <= y2 && z1 <= z2 &&
    values.every((value) => value !== "");
  if (isBox) return { min: [x1, y1, z1], max: [x2, y2, z2] };
  const what = "the least x,y,z and the greatest, such as -5,-5,0,5,5,2";
  throw wrong("box", text, what);
}

function wrong(name: string, text: string, what: string): HttpProblem {
  return new HttpProblem(
    STATUS_CODE.BadRequest,
    `${name} is "${cutText(text)}", not ${what}`,
  );
}
