/** Packets of a small sensor that doesn't exist: 16 beams, 64 columns. */

export const ROWS = 16;
export const COLUMNS = 64;
export const PER_PACKET = 16;
export const SERIAL = 122_300_000_001;
const PIXEL_BYTES = 4;
const COLUMN_BYTES = 12 + ROWS * PIXEL_BYTES;
const IDENTITY = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const rows = Array.from({ length: ROWS }, (_, row) => row);

/** What the sensor says of itself, as its HTTP API has it. */
export function metadataOf(
  format: Record<string, unknown> = {},
  config: Record<string, unknown> = {},
) {
  return {
    beam_intrinsics: {
      beam_altitude_angles: rows.map((row) => 15 - 2 * row),
      beam_azimuth_angles: rows.map((row) => row % 2 === 0 ? 6 : -6),
      beam_to_lidar_transform: IDENTITY.with(3, 27.5),
    },
    lidar_intrinsics: {
      lidar_to_sensor_transform: IDENTITY.with(0, -1).with(5, -1).with(11, 38),
    },
    lidar_data_format: {
      column_window: [0, COLUMNS - 1],
      columns_per_frame: COLUMNS,
      columns_per_packet: PER_PACKET,
      pixel_shift_by_row: rows.map((row) => row % 2 === 0 ? 1 : -1),
      pixels_per_column: ROWS,
      udp_profile_imu: "LEGACY",
      udp_profile_lidar: "RNG15_RFL8_NIR8",
      ...format,
    },
    imu_intrinsics: { imu_to_sensor_transform: IDENTITY },
    calibration_status: { reflectivity: { valid: true, timestamp: "" } },
    sensor_info: {
      prod_sn: `${SERIAL}`,
      prod_line: "OS-0-16",
      prod_pn: "840-000000-00",
      image_rev: "ousteros-image-prod-aries-v2.3.0",
      build_rev: "v2.3.0",
      build_date: "2022-04-14T21:11:47Z",
      initialization_id: 1234,
      status: "RUNNING",
    },
    config_params: {
      lidar_mode: "512x10",
      udp_port_lidar: 7502,
      ...config,
    },
  };
}

/** The same in the flat layout that recorders wrote before. */
export function flatMetadata(): Record<string, unknown> {
  const { beam_intrinsics: beams, lidar_data_format, ...more } = metadataOf();
  const { beam_to_lidar_transform: _, ...angles } = beams;
  return {
    ...angles,
    lidar_origin_to_beam_origin_mm: 27.5,
    ...more.lidar_intrinsics,
    ...more.sensor_info,
    lidar_mode: "512x10",
    data_format: lidar_data_format,
  };
}

/** What a packet holds that isn't the same in all. */
export interface PacketOptions {
  frame: number;
  /** Its place in the frame, from 0. */
  packet: number;
  serial?: number;
  /** Nanoseconds of the frame's first column. */
  time?: bigint;
  /** Millimetres, a multiple of 8. @default {1000 and 8 for each column} */
  range?: (row: number, id: number) => number;
}

/** Makes a packet of the profile RNG15_RFL8_NIR8. */
export function packetOf(options: PacketOptions): Uint8Array<ArrayBuffer> {
  const { frame, packet, serial = SERIAL, time = 0n } = options;
  const { range = (_, id) => 1000 + 8 * id } = options;
  const bytes = new Uint8Array(64 + PER_PACKET * COLUMN_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 1, true);
  view.setUint16(2, frame, true);
  view.setUint32(7, serial, true);
  view.setUint8(11, Math.floor(serial / 2 ** 32));
  for (let column = 0; column < PER_PACKET; column++) {
    const at = 32 + column * COLUMN_BYTES;
    const id = packet * PER_PACKET + column;
    view.setBigUint64(at, time + BigInt(id) * 1_000_000n, true);
    view.setUint16(at + 8, id, true);
    view.setUint16(at + 10, 1, true);
    for (const row of rows) {
      const pixel = at + 12 + row * PIXEL_BYTES;
      view.setUint16(pixel, range(row, id) >> 3, true);
      view.setUint8(pixel + 2, row);
      view.setUint8(pixel + 3, packet);
    }
  }
  return bytes;
}

/** All packets of a frame. */
export function packetsOfFrame(
  frame: number,
  options: Partial<PacketOptions> = {},
): Uint8Array<ArrayBuffer>[] {
  return Array.from(
    { length: COLUMNS / PER_PACKET },
    (_, packet) => packetOf({ ...options, frame, packet }),
  );
}
