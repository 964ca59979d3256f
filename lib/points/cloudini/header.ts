import { PointsError } from "../errors.ts";

/** Second stage of an encoding. */
export type CloudiniCompression = "none" | "zstd";

/** One float32 field of a Cloudini cloud. */
export interface CloudiniField {
  name: string;
  /** Units for one step; float32. */
  resolution: number;
}

/** The header of a Cloudini buffer, as far as it is supported. */
export interface CloudiniHeader {
  /** Format version, from 2 to 5. */
  version: number;
  /** Points of a row; of the whole cloud where `height` is 1. */
  width: number;
  /** Rows. */
  height: number;
  compression: CloudiniCompression;
  /** 3 or 4 of them. */
  fields: CloudiniField[];
}

const MAGIC = "CLOUDINI_V";
const VERSION = 5;
const OLDEST_VERSION = 2;
const FLOAT32_BYTES = 4;

/** Names that the YAML text holds as they are. */
const PLAIN_NAME = /^[\w.\-]{1,255}$/;

/** The text of 4 fields is shorter by far. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Characters of a stranger's text that an error shows at most. */
const MAX_SHOWN_CHARACTERS = 60;

/** Tells whether `bytes` begin with the magic text of a Cloudini buffer. */
export function isCloudini(bytes: Uint8Array): boolean {
  return bytes.length > MAGIC.length &&
    Array.from(MAGIC).every((char, i) => bytes[i] === char.charCodeAt(0));
}

/** Tells whether a field's name can stand in a header. */
export function isCloudiniName(name: string): boolean {
  return PLAIN_NAME.test(name);
}

/**
 * Writes the header that the reference encoder writes, version 5: magic text,
 * YAML, and a zero byte.
 */
export function writeCloudiniHeader(
  points: number,
  fields: readonly CloudiniField[],
  compression: CloudiniCompression,
): Uint8Array {
  const lines = [
    `${MAGIC}${VERSION.toString().padStart(2, "0")}`,
    `version: ${VERSION}`,
    `width: ${points}`,
    "height: 1",
    `point_step: ${fields.length * FLOAT32_BYTES}`,
    "encoding_opt: LOSSY",
    `compression_opt: ${compression.toUpperCase()}`,
    "fields:",
    ...fields.flatMap(({ name, resolution }, i) => [
      `  - name: ${name}`,
      `    offset: ${i * FLOAT32_BYTES}`,
      "    type: FLOAT32",
      `    resolution: ${formatResolution(resolution)}`,
    ]),
  ];
  return new TextEncoder().encode(`${lines.join("\n")}\n\0`);
}

/**
 * Reads the header at the start of a Cloudini buffer.
 *
 * @returns it, and the offset of the first chunk.
 * @throws {PointsError} `header`, or `unsupported` naming what isn't read.
 */
export function readCloudiniHeader(
  bytes: Uint8Array,
): { header: CloudiniHeader; offset: number } {
  if (!isCloudini(bytes)) throw malformed("no magic text");
  const start = MAGIC.length + 2;
  const digits = decodeText(bytes.subarray(MAGIC.length, start));
  if (!/^\d\d$/.test(digits)) throw malformed(`version ${quote(digits)}`);
  const version = Number(digits);
  if (version < OLDEST_VERSION || version > VERSION) {
    throw unsupported(
      `version ${version}, expected ${OLDEST_VERSION} to ${VERSION}`,
    );
  }
  if (bytes[start] !== "\n".charCodeAt(0)) {
    throw unsupported("a binary header, expected YAML");
  }
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(0, start);
  if (end < 0) throw malformed("it doesn't end");
  const text = parseText(decodeText(bytes.subarray(start + 1, end)));
  return { header: { version, ...interpret(text) }, offset: end + 1 };
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

function interpret(
  { cloud, fields }: HeaderText,
): Omit<CloudiniHeader, "version"> {
  refuseUnknown(cloud, [
    "version",
    "width",
    "height",
    "point_step",
    "encoding_opt",
    "compression_opt",
    "fields",
  ]);
  const encoding = get(cloud, "encoding_opt");
  if (encoding !== "LOSSY") {
    throw unsupported(`encoding_opt ${quote(encoding)}, expected LOSSY`);
  }
  if (fields.length !== 3 && fields.length !== 4) {
    throw unsupported(`${fields.length} fields, expected 3 or 4`);
  }
  const pointStep = getUint32(cloud, "point_step");
  return {
    width: getUint32(cloud, "width"),
    height: getUint32(cloud, "height"),
    compression: getCompression(cloud),
    fields: fields.map((field) => interpretField(field, pointStep)),
  };
}

function getCompression(cloud: Map<string, string>): CloudiniCompression {
  const compression = get(cloud, "compression_opt");
  switch (compression) {
    case "NONE":
      return "none";
    case "ZSTD":
      return "zstd";
    default:
      throw unsupported(
        `compression_opt ${quote(compression)}, expected NONE or ZSTD`,
      );
  }
}

function interpretField(
  field: Map<string, string>,
  pointStep: number,
): CloudiniField {
  refuseUnknown(field, ["name", "offset", "type", "resolution"]);
  const name = get(field, "name");
  const type = get(field, "type");
  if (type !== "FLOAT32") {
    throw unsupported(
      `field ${quote(name)} of type ${quote(type)}, expected FLOAT32`,
    );
  }
  if (getUint32(field, "offset") + FLOAT32_BYTES > pointStep) {
    throw malformed(`field ${quote(name)} lies outside of its point`);
  }
  const text = get(field, "resolution");
  if (text === "null") {
    throw unsupported(`field ${quote(name)} without a resolution`);
  }
  const resolution = Math.fround(Number(text));
  if (!(resolution > 0 && resolution < Infinity)) {
    throw malformed(`field ${quote(name)} with resolution ${quote(text)}`);
  }
  return { name, resolution };
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

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** Quotes what a stranger wrote, short enough for a message. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, MAX_SHOWN_CHARACTERS));
}

function malformed(what: string): PointsError {
  return new PointsError("header", `Cannot read Cloudini: ${what}`);
}

function unsupported(what: string): PointsError {
  return new PointsError("unsupported", `Cannot read Cloudini: ${what}`);
}
