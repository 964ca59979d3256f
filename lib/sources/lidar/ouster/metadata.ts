/**
 * What an Ouster sensor says of itself: the JSON of its HTTP API, in the layout
 * of firmware 2.1 and later (`beam_intrinsics`, `lidar_data_format`, …), or the
 * flat one of before, which Ouster's recorders wrote for longer.
 */
import { SourceError } from "../../errors.ts";
import { PROFILES } from "./profiles.ts";

/** What reading the packets needs of it. */
export interface OusterMetadata {
  /** A name of {@linkcode PROFILES}. */
  readonly profile: string;
  /** Whether packets begin with the header of functional safety. */
  readonly isFusa: boolean;
  /** Beams. */
  readonly rows: number;
  /** Columns of a whole turn. */
  readonly columns: number;
  readonly columnsPerPacket: number;
  /** First and last column that are measured; the last may lie before. */
  readonly window: readonly [first: number, last: number];
  /** Columns by which a row's beams look ahead, of each row. */
  readonly pixelShifts: readonly number[];
  /** Degrees, of each row. */
  readonly azimuths: readonly number[];
  /** Degrees, of each row. */
  readonly altitudes: readonly number[];
  /** A 4x4 matrix, row by row, millimetres. */
  readonly beamToLidar: readonly number[];
  /** A 4x4 matrix, row by row, millimetres. */
  readonly lidarToSensor: readonly number[];
  /** The serial number; 0 where it isn't known. */
  readonly serial: number;
  /** The UDP port that points are sent to, where it says so. */
  readonly port?: number;
}

type Json = Record<string, unknown>;

/** Most beams and columns: two returns of all are two million points. */
const MAX_ROWS = 256;
const MAX_COLUMNS = 4096;
const MAX_COLUMNS_PER_PACKET = 64;

/**
 * Reads a sensor's metadata.
 *
 * @throws {SourceError} naming what is missing or can't be used.
 */
export function readMetadata(json: unknown): OusterMetadata {
  const all = part(json, "It");
  // The flat layout has at the top what the other has below these names.
  const below = (given: unknown, name: string): Json =>
    given === undefined ? all : part(given, name);
  const beams = below(all.beam_intrinsics, "beam_intrinsics");
  const config = below(all.config_params, "config_params");
  const info = below(all.sensor_info, "sensor_info");
  const lidar = below(all.lidar_intrinsics, "lidar_intrinsics");
  const format = part(
    all.lidar_data_format ?? all.data_format ?? {},
    "data_format",
  );
  const altitudes = angles(beams.beam_altitude_angles, "beam_altitude_angles");
  const rows = integer(
    format.pixels_per_column ?? altitudes.length,
    "pixels_per_column",
    [1, MAX_ROWS],
  );
  const azimuths = angles(beams.beam_azimuth_angles, "beam_azimuth_angles");
  checkLength(altitudes, rows, "beam_altitude_angles");
  checkLength(azimuths, rows, "beam_azimuth_angles");
  const columns = integer(
    format.columns_per_frame ?? columnsOfMode(config.lidar_mode),
    "columns_per_frame",
    [1, MAX_COLUMNS],
  );
  return {
    ...readProfile(format),
    ...{ rows, columns, azimuths, altitudes },
    columnsPerPacket: integer(
      format.columns_per_packet ?? 16,
      "columns_per_packet",
      [1, MAX_COLUMNS_PER_PACKET],
    ),
    window: readWindow(format.column_window, columns),
    pixelShifts: readShifts(format.pixel_shift_by_row, { azimuths, columns }),
    beamToLidar: readBeamToLidar(beams),
    lidarToSensor: matrix(
      lidar.lidar_to_sensor_transform,
      "lidar_to_sensor_transform",
    ),
    serial: readSerial(info.prod_sn),
    port: readPort(config.udp_port_lidar),
  };
}

function readProfile(
  format: Json,
): Pick<OusterMetadata, "profile" | "isFusa"> {
  const profile = format.udp_profile_lidar ?? "LEGACY";
  if (typeof profile !== "string" || !PROFILES.has(profile)) {
    throw cannot(
      `udp_profile_lidar is ${JSON.stringify(profile)}, and known are ` +
        [...PROFILES.keys()].join(", "),
    );
  }
  const isFusa = format.header_type === undefined
    ? profile.startsWith("FUSA_")
    : format.header_type === "FUSA";
  return { profile, isFusa };
}

function readWindow(given: unknown, columns: number): [number, number] {
  if (given === undefined) return [0, columns - 1];
  const [first, last] = numbers(given, "column_window", 2);
  const range: [number, number] = [0, columns - 1];
  return [
    integer(first, "column_window", range),
    integer(last, "column_window", range),
  ];
}

/** Rows look ahead by their azimuth where nothing else is said. */
function readShifts(
  given: unknown,
  { azimuths, columns }: Pick<OusterMetadata, "azimuths" | "columns">,
): number[] {
  const shifts = given === undefined
    ? azimuths.map((degrees) => Math.round(degrees * columns / 360))
    : numbers(given, "pixel_shift_by_row", azimuths.length);
  const most = columns;
  return shifts.map((shift) =>
    integer(shift, "pixel_shift_by_row", [-most, most])
  );
}

function readBeamToLidar(beams: Json): number[] {
  const given = beams.beam_to_lidar_transform;
  if (given !== undefined) return matrix(given, "beam_to_lidar_transform");
  const x = beams.lidar_origin_to_beam_origin_mm;
  if (typeof x !== "number" || !Number.isFinite(x)) {
    throw cannot(
      "neither beam_to_lidar_transform nor lidar_origin_to_beam_origin_mm " +
        "says where the beams begin",
    );
  }
  return [1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
}

/** The columns of a mode such as 1024x10. */
function columnsOfMode(mode: unknown): number | undefined {
  const [, columns] = /^(\d{3,4})x\d+$/.exec(String(mode)) ?? [];
  return columns === undefined ? undefined : Number(columns);
}

function readSerial(given: unknown): number {
  const serial = Number(given);
  return Number.isSafeInteger(serial) && serial > 0 ? serial : 0;
}

function readPort(given: unknown): number | undefined {
  const isPort = Number.isInteger(given) && Number(given) > 0 &&
    Number(given) <= 65_535;
  return isPort ? Number(given) : undefined;
}

function part(value: unknown, name: string): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Json;
  }
  throw cannot(`${name} is no JSON object`);
}

function angles(given: unknown, name: string): number[] {
  if (Array.isArray(given) && given.some(Array.isArray)) {
    throw cannot(`${name} has one for each pixel: no spinning sensor's`);
  }
  return numbers(given, name);
}

function matrix(given: unknown, name: string): number[] {
  return numbers(given, name, 16);
}

function numbers(given: unknown, name: string, length?: number): number[] {
  const are = Array.isArray(given) && given.length <= MAX_COLUMNS &&
    given.every(Number.isFinite);
  if (!are) throw cannot(`${name} is no list of numbers`);
  if (length !== undefined) checkLength(given, length, name);
  return given;
}

function checkLength(list: unknown[], length: number, name: string): void {
  if (list.length === length) return;
  throw cannot(`${name} has ${list.length} values, and ${length} are expected`);
}

function integer(
  given: unknown,
  name: string,
  [least, most]: [number, number],
): number {
  const value = Number(given);
  if (Number.isInteger(given) && value >= least && value <= most) return value;
  throw cannot(
    `${name} is ${JSON.stringify(given)}, and ${least} to ${most} is expected`,
  );
}

function cannot(why: string): SourceError {
  return new SourceError(`The sensor's metadata can't be used: ${why}`);
}
