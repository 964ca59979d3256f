/**
 * What a message is made of, said once for all ways of serialising it.
 *
 * ROS has the members in the order of the shape, Protocol Buffers have them by
 * number, and JSON by name.
 */

/** What a member is. */
export type MemberType =
  | "header"
  | "time"
  | "string"
  | "uint8"
  | "uint32"
  | "float32"
  | "float64"
  | "bytes"
  | "float32s"
  | "float64s"
  | Shape
  /** Any number of them. */
  | readonly [Shape];

/** A member: its type, and its number where Protocol Buffers have one. */
export type Member = readonly [type: MemberType, number?: number];

/** A message: its members by name, in the order in which ROS has them. */
export interface Shape {
  readonly [name: string]: Member;
}

/** What is read for a member of a type. */
type ValueOf<T extends MemberType> = T extends "header"
  ? { stamp: number; frameId: string }
  : T extends "time" | "uint8" | "uint32" | "float32" | "float64" ? number
  : T extends "string" ? string
  : T extends "bytes" ? Uint8Array
  : T extends "float32s" ? Float32Array
  : T extends "float64s" ? Float64Array
  : T extends readonly [infer S extends Shape] ? Values<S>[]
  : T extends Shape ? Values<T>
  : never;

/** What is read of a message; times are milliseconds since the epoch. */
export type Values<S extends Shape> = {
  [K in keyof S]: ValueOf<S[K][0]>;
};

/** Most messages within one, such as its transforms. */
export const MAX_ELEMENTS = 10_000;

/** Tells whether a member is any number of messages. */
export function isList(type: MemberType): type is readonly [Shape] {
  return Array.isArray(type);
}
