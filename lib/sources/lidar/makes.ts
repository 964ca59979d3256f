import { hesai } from "./hesai/make.ts";
import { livox } from "./livox/make.ts";
import { ouster } from "./ouster/make.ts";
import type { LidarMake } from "./packet_decoder.ts";
import { velodyne } from "./velodyne/make.ts";

/** The makes whose packets are understood; asked in this order. */
export const LIDAR_MAKES: readonly LidarMake[] = [
  ouster,
  velodyne,
  livox,
  hesai,
];
