/** The records of points (ASPRS LAS 1.4-R15, section 2.6). */
import { type FieldType, typeBytes } from "../field.ts";
import { lasError } from "./errors.ts";

/** A field of a record, and what becomes of it. */
export interface LasField {
  name: string;
  /** The type that a cloud has for it. */
  type: FieldType;
  /** Bytes from the start of the record. */
  offset: number;
  /** The type in the record, where it is another. */
  stored?: FieldType;
  /** Where it is some bits of its byte. */
  bits?: { shift: number; mask: number };
  /** Where its value is a whole number times a factor, plus another. */
  scale?: { factor: number; origin: number };
}

/** The names of colour. */
export const LAS_COLOR: readonly string[] = ["red", "green", "blue"];

/** The parts of a record, by the number of its format. */
const PARTS: readonly (readonly (keyof typeof MAKE)[])[] = [
  ["core"],
  ["core", "time"],
  ["core", "color"],
  ["core", "time", "color"],
  ["core", "time", "wave"],
  ["core", "time", "color", "wave"],
  ["core6", "time"],
  ["core6", "time", "color"],
  ["core6", "time", "color", "nir"],
  ["core6", "time", "wave"],
  ["core6", "time", "color", "nir", "wave"],
];

/**
 * Lists the fields of a format of records, and the bytes of one.
 *
 * @throws {PointsError} `unsupported` for another format than 0 to 10.
 */
export function lasFields(
  format: number,
): { fields: LasField[]; bytes: number } {
  if (format >= PARTS.length) {
    throw lasError(
      "unsupported",
      `points of format ${format}, expected 0 to ${PARTS.length - 1}`,
    );
  }
  const record = new RecordFields();
  for (const part of PARTS[format]) MAKE[part](record);
  return record;
}

/** Fields one after the other, each with the offset that it comes to. */
class RecordFields {
  readonly fields: LasField[] = [];
  bytes = 0;

  add(type: FieldType, ...names: string[]): this {
    for (const name of names) {
      this.fields.push({ name, type, offset: this.bytes });
      this.bytes += typeBytes(type);
    }
    return this;
  }

  /** Adds the fields of one byte, from its lowest bit on. */
  addBits(...fields: readonly (readonly [name: string, bits: number])[]): this {
    let shift = 0;
    for (const [name, count] of fields) {
      const bits = { shift, mask: (1 << count) - 1 };
      this.fields.push({ name, type: "uint8", offset: this.bytes, bits });
      shift += count;
    }
    this.bytes++;
    return this;
  }

  /** Adds coordinates, which the header's factors make metres of. */
  addPlace(): this {
    for (const name of ["x", "y", "z"]) {
      this.fields.push({
        ...{ name, type: "float64", stored: "int32", offset: this.bytes },
      });
      this.bytes += typeBytes("int32");
    }
    return this;
  }
}

const MAKE = {
  core: (record: RecordFields) =>
    record.addPlace()
      .add("uint16", "intensity")
      .addBits(
        ...[["return_number", 3], ["number_of_returns", 3]] as const,
        ...[["scan_direction_flag", 1], ["edge_of_flight_line", 1]] as const,
      )
      .addBits(
        ...[["classification", 5], ["synthetic", 1]] as const,
        ...[["key_point", 1], ["withheld", 1]] as const,
      )
      .add("int8", "scan_angle_rank")
      .add("uint8", "user_data")
      .add("uint16", "point_source_id"),
  core6: (record: RecordFields) =>
    record.addPlace()
      .add("uint16", "intensity")
      .addBits(["return_number", 4], ["number_of_returns", 4])
      .addBits(
        ...[["synthetic", 1], ["key_point", 1], ["withheld", 1]] as const,
        ...[["overlap", 1], ["scanner_channel", 2]] as const,
        ...[["scan_direction_flag", 1], ["edge_of_flight_line", 1]] as const,
      )
      .add("uint8", "classification", "user_data")
      .add("int16", "scan_angle")
      .add("uint16", "point_source_id"),
  time: (record: RecordFields) => record.add("float64", "gps_time"),
  color: (record: RecordFields) => record.add("uint16", ...LAS_COLOR),
  nir: (record: RecordFields) => record.add("uint16", "nir"),
  wave: (record: RecordFields) =>
    record.add("uint8", "wavepacket_index")
      .add("uint64", "wavepacket_offset")
      .add("uint32", "wavepacket_size")
      .add("float32", "return_point_wave_location", "x_t", "y_t", "z_t"),
};
