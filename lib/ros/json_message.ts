import { PointsError } from "../points/errors.ts";
import {
  isList,
  MAX_ELEMENTS,
  type MemberType,
  type Shape,
  type Values,
} from "./shape.ts";

/**
 * Reads a message in JSON, as Foxglove's schemas have it: times as `{sec,
 * nsec}`, bytes in base64. What is left out is empty, or 0.
 *
 * @throws {PointsError} `header` for what is no JSON, or a member of another
 * type, which is named.
 */
export function readJsonMessage<S extends Shape>(
  bytes: Uint8Array,
  shape: S,
): Values<S> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new PointsError("header", "It is no JSON", { cause });
  }
  return readObject(value, shape, "the message");
}

function readObject<S extends Shape>(
  value: unknown,
  shape: S,
  path: string,
): Values<S> {
  if (typeof value !== "object" || value === null) {
    throw mistyped(path, "an object");
  }
  const given = value as Record<string, unknown>;
  const values = Object.entries(shape).map(([name, [type]]) => [
    name,
    readMember(
      Object.hasOwn(given, name) ? given[name] : undefined,
      type,
      name,
    ),
  ]);
  return Object.fromEntries(values) as Values<S>;
}

function readMember(value: unknown, type: MemberType, name: string): unknown {
  if (isList(type)) return readList(value ?? [], type[0], name);
  if (typeof type === "object") return readObject(value ?? {}, type, name);
  switch (type) {
    case "time":
      return readTime(value, name);
    case "string":
      return readText(value ?? "", name);
    case "bytes":
      return readBase64(value ?? "", name);
    case "float32s":
      return Float32Array.from(readNumbers(value ?? [], name));
    case "float64s":
      return Float64Array.from(readNumbers(value ?? [], name));
    case "header":
      throw new PointsError("unsupported", `${name} is no member in JSON`);
    default:
      return readNumber(value ?? 0, name);
  }
}

function readList(value: unknown, shape: Shape, name: string): unknown[] {
  if (!Array.isArray(value)) throw mistyped(name, "a list");
  if (value.length > MAX_ELEMENTS) {
    throw new PointsError(
      "too-large",
      `${name} has ${value.length} elements, and at most ${MAX_ELEMENTS} ` +
        "are read",
    );
  }
  return value.map((element) => readObject(element, shape, name));
}

function readTime(value: unknown, name: string): number {
  const { sec, nsec } = (value ?? {}) as { sec?: unknown; nsec?: unknown };
  return readNumber(sec ?? 0, `${name}.sec`) * 1000 +
    readNumber(nsec ?? 0, `${name}.nsec`) / 1e6;
}

function readText(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw mistyped(name, "a text");
}

function readNumber(value: unknown, name: string): number {
  if (typeof value === "number") return value;
  throw mistyped(name, "a number");
}

/** JSON has no infinity: a range without an echo may be `null`. */
function readNumbers(value: unknown, name: string): number[] {
  if (!Array.isArray(value)) throw mistyped(name, "a list");
  return value.map((n) => n === null ? NaN : readNumber(n, name));
}

function readBase64(value: unknown, name: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(readText(value, name));
  } catch (cause) {
    if (cause instanceof PointsError) throw cause;
    throw mistyped(name, "base64");
  }
}

function mistyped(name: string, expected: string): PointsError {
  return new PointsError("header", `${name} is not ${expected}`);
}
