import { PointsError } from "../points/errors.ts";
import { ProtobufReader, WIRE } from "./protobuf_reader.ts";
import {
  isList,
  MAX_ELEMENTS,
  type MemberType,
  type Shape,
  type Values,
} from "./shape.ts";

/**
 * Reads a message of Protocol Buffers. What is left out is empty, or 0; what
 * the shape doesn't have is passed over.
 *
 * @throws {PointsError} `length` where it is cut off, `header` for a field of
 * another type, `too-large` for a list of more than 10,000 messages.
 */
export function readProtobufMessage<S extends Shape>(
  bytes: Uint8Array,
  shape: S,
): Values<S> {
  const reader = new ProtobufReader(bytes);
  const members = new Map(
    Object.entries(shape).map((
      [name, [type, number]],
    ) => [number, { name, type }]),
  );
  const values = new Map<string, unknown>();
  while (reader.rest > 0) {
    const { number, wire } = reader.tag();
    const member = members.get(number);
    if (member === undefined) {
      reader.skip(wire);
      continue;
    }
    const before = values.get(member.name);
    values.set(member.name, readMember(reader, wire, { ...member, before }));
  }
  return Object.fromEntries(
    Object.entries(shape).map(([name, [type]]) => [
      name,
      wholeOf(type, values.get(name)),
    ]),
  ) as Values<S>;
}

/** Seconds and nanoseconds, as google.protobuf.Timestamp has them. */
const TIMESTAMP = { sec: ["uint32", 1], nsec: ["uint32", 2] } as const;

interface Given {
  type: MemberType;
  name: string;
  /** What came before of a member that may be there several times. */
  before: unknown;
}

function readMember(
  reader: ProtobufReader,
  wire: number,
  { type, name, before }: Given,
): unknown {
  if (type === "float64s" && wire === WIRE.fixed64) {
    return appendFloats(before as number[] | undefined, reader, 1);
  }
  if (type === "uint8" || type === "uint32") {
    if (wire === WIRE.varint) return reader.varint();
    if (wire === WIRE.fixed32) return reader.uint32();
  } else if (type === "float64" && wire === WIRE.fixed64) {
    return reader.float64();
  } else if (type === "float32" && wire === WIRE.fixed32) {
    return reader.float32();
  } else if (wire === WIRE.bytes) {
    return readBytes(reader.sized(), { type, name, before });
  }
  throw new PointsError("header", `${name} is of wire type ${wire}`);
}

function readBytes(
  bytes: Uint8Array,
  { type, name, before }: Given,
): unknown {
  if (isList(type)) {
    const list = (before ?? []) as unknown[];
    if (list.length >= MAX_ELEMENTS) {
      throw new PointsError(
        "too-large",
        `${name} has more than the ${MAX_ELEMENTS} elements that are read`,
      );
    }
    list.push(readProtobufMessage(bytes, type[0]));
    return list;
  }
  if (typeof type === "object") return readProtobufMessage(bytes, type);
  switch (type) {
    case "bytes":
      return bytes;
    case "string":
      return new TextDecoder().decode(bytes);
    case "time": {
      const { sec, nsec } = readProtobufMessage(bytes, TIMESTAMP);
      return sec * 1000 + nsec / 1e6;
    }
    case "float64s":
      return appendFloats(
        before as number[] | undefined,
        new ProtobufReader(bytes),
        bytes.length / 8,
      );
  }
  throw new PointsError("header", `${name} is not of type ${type}`);
}

function appendFloats(
  floats: number[] = [],
  reader: ProtobufReader,
  count: number,
): number[] {
  for (let i = 0; i < count; i++) floats.push(reader.float64());
  return floats;
}

/** What a member is at the end, whether it came or not. */
function wholeOf(type: MemberType, value: unknown): unknown {
  if (type === "float64s") return Float64Array.from((value ?? []) as number[]);
  if (value !== undefined) return value;
  if (isList(type)) return [];
  if (typeof type === "object") {
    return readProtobufMessage(new Uint8Array(), type);
  }
  if (type === "bytes") return new Uint8Array();
  return type === "string" ? "" : 0;
}
