import { FIELD_TYPES, type FieldType } from "../field.ts";
import {
  type CloudiniField,
  type CloudiniInfo,
  COMPRESSIONS,
  ENCODINGS,
  MAGIC,
  VERSION,
} from "./info.ts";
import { decodeText, malformed, quote, unsupported } from "./header_errors.ts";
import { MAX_FIELDS, MAX_NAME_CHARACTERS } from "./header_fields.ts";

/** Names that the text holds as they are. */
const PLAIN_NAME = new RegExp(`^[\\w.\\-]{1,${MAX_NAME_CHARACTERS}}$`);

/** What all fields take, with names of ordinary length, is less by far. */
const MAX_HEADER_BYTES = 512 * 1024;

/** Tells whether a field's name can stand in a header. */
export function isCloudiniName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/**
 * Writes the header that the reference encoder writes, version 5: magic text,
 * YAML, and a zero byte.
 */
export function writeCloudiniHeader(info: CloudiniInfo): Uint8Array {
  const lines = [
    `${MAGIC}${VERSION.toString().padStart(2, "0")}`,
    `version: ${VERSION}`,
    `width: ${info.width}`,
    `height: ${info.height}`,
    `point_step: ${info.stride}`,
    `encoding_opt: ${info.encoding.toUpperCase()}`,
    `compression_opt: ${info.compression.toUpperCase()}`,
    "fields:",
    ...info.fields.flatMap(({ name, type, offset, resolution }) => [
      `  - name: ${name}`,
      `    offset: ${offset}`,
      `    type: ${type.toUpperCase()}`,
      `    resolution: ${
        resolution === undefined ? "null" : formatResolution(resolution)
      }`,
    ]),
  ];
  return new TextEncoder().encode(`${lines.join("\n")}\n\0`);
}

/**
 * Reads a header's text, up to the zero byte that ends it.
 *
 * @param start where the text begins, after the magic text's line.
 * @returns what it says, and the offset of the first chunk.
 * @throws {PointsError} `header`, or `unsupported` naming what isn't read.
 */
export function readYamlHeader(
  bytes: Uint8Array,
  start: number,
): { info: CloudiniInfo; offset: number } {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(0, start);
  if (end < 0) throw malformed("its header doesn't end");
  const text = parseText(decodeText(bytes.subarray(start, end)));
  return { info: interpret(text), offset: end + 1 };
}

/** The text's `key: value` pairs: of the whole, and of each field. */
interface HeaderText {
  cloud: Map<string, string>;
  fields: Map<string, string>[];
}

/** Reads the little YAML that headers are written in. */
function parseText(text: string): HeaderText {
  const cloud = new Map<string, string>();
  const fields: Map<string, string>[] = [];
  /** The field that indented lines belong to. */
  let field: Map<string, string> | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const parts = /^( *)(- +)?(\w+):(.*)$/.exec(line);
    if (parts === null) throw malformed(`line ${quote(line)}`);
    const [, indent, item, key, value] = parts;
    if (item !== undefined) {
      if (cloud.get("fields") !== "") throw malformed(`line ${quote(line)}`);
      fields.push(field = new Map());
    } else if (indent === "") {
      field = undefined;
    } else if (field === undefined) {
      throw malformed(`line ${quote(line)}`);
    }
    const pairs = field ?? cloud;
    if (pairs.has(key)) throw malformed(`${key} comes twice`);
    pairs.set(key, value.trim());
  }
  return { cloud, fields };
}

function interpret({ cloud, fields }: HeaderText): CloudiniInfo {
  refuseUnknown(cloud, [
    "version",
    "width",
    "height",
    "point_step",
    "encoding_opt",
    "compression_opt",
    "encoding_config",
    "fields",
  ]);
  if (fields.length > MAX_FIELDS) {
    throw unsupported(
      `${fields.length} fields, expected at most ${MAX_FIELDS}`,
    );
  }
  return {
    width: getUint32(cloud, "width"),
    height: getUint32(cloud, "height"),
    stride: getUint32(cloud, "point_step"),
    encoding: getOption(cloud, "encoding_opt", ENCODINGS),
    compression: getOption(cloud, "compression_opt", COMPRESSIONS),
    fields: fields.map(interpretField),
  };
}

/** Reads an option that is written in capitals. */
function getOption<T extends string>(
  pairs: Map<string, string>,
  key: string,
  options: readonly T[],
): T {
  const text = get(pairs, key);
  const option = options.find((option) => option.toUpperCase() === text);
  if (option !== undefined) return option;
  throw unsupported(
    `${key} ${quote(text)}, expected ${options.join(", ").toUpperCase()}`,
  );
}

function interpretField(field: Map<string, string>): CloudiniField {
  refuseUnknown(field, ["name", "offset", "type", "resolution"]);
  const name = get(field, "name");
  const type = getType(field, name);
  const offset = getUint32(field, "offset");
  const text = get(field, "resolution");
  if (text === "null") return { name, type, offset };
  const resolution = text === "" ? NaN : Math.fround(Number(text));
  if (!(resolution > 0 && resolution < Infinity)) {
    throw malformed(`field ${quote(name)} with resolution ${quote(text)}`);
  }
  return { name, type, offset, resolution };
}

/** Reads a field's type: its name, or its number, which is from 1. */
function getType(field: Map<string, string>, name: string): FieldType {
  const text = get(field, "type");
  const type = FIELD_TYPES.find((type, i) =>
    text === type.toUpperCase() || text === `${i + 1}`
  );
  if (type !== undefined) return type;
  throw unsupported(`field ${quote(name)} of type ${quote(text)}`);
}

function refuseUnknown(pairs: Map<string, string>, known: string[]): void {
  for (const key of pairs.keys()) {
    if (!known.includes(key)) throw unsupported(`${quote(key)} in its header`);
  }
}

function get(pairs: Map<string, string>, key: string): string {
  const value = pairs.get(key);
  if (value === undefined) throw malformed(`no ${key}`);
  return value;
}

function getUint32(pairs: Map<string, string>, key: string): number {
  const text = get(pairs, key);
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 0xffffffff) {
    throw malformed(`${key} ${quote(text)}`);
  }
  return value;
}

/**
 * Formats a float32 as the reference does: as C's `%g` with the fewest digits,
 * at least 6, that read back as the same float32.
 */
function formatResolution(resolution: number): string {
  for (let digits = 6;; digits++) {
    const [mantissa, exponentText] = resolution.toExponential(digits - 1)
      .split("e");
    const exponent = Number(exponentText);
    const text = exponent < -4 || exponent >= digits
      ? stripZeros(mantissa) + "e" + (exponent < 0 ? "-" : "+") +
        Math.abs(exponent).toString().padStart(2, "0")
      : stripZeros(resolution.toFixed(digits - 1 - exponent));
    if (digits === 9 || Math.fround(Number(text)) === resolution) return text;
  }
}

function stripZeros(decimal: string): string {
  return decimal.includes(".") ? decimal.replace(/\.?0+$/, "") : decimal;
}
