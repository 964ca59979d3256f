/**
 * What the points of all makes have alike, so that who watches needn't know
 * which sensor it is: as the ROS drivers have it, but for `t`, which is the
 * same everywhere.
 */
import type { NamedType } from "../../points/field.ts";

/** Metres in the sensor's frame (REP 103); NaN where there was no return. */
export const XYZ_FIELDS: readonly NamedType[] = [
  { name: "x", type: "float32" },
  { name: "y", type: "float32" },
  { name: "z", type: "float32" },
];

/** Which beam it is, as the make's ROS driver counts. */
export const RING_FIELD: NamedType = { name: "ring", type: "uint16" };

/** Nanoseconds since the scan's capture time, which is its first point's. */
export const TIME_FIELD: NamedType = { name: "t", type: "uint32" };

/**
 * Which of a beam's returns a point is of, where several are sent: 0 is the
 * one that the sensor sends first.
 */
export const RETURN_FIELD: NamedType = { name: "return", type: "uint8" };
