import { ouster } from "./ouster/make.ts";
import type { LidarMake } from "./packet_decoder.ts";

/** The makes whose packets are understood; asked in this order. */
export const LIDAR_MAKES: readonly LidarMake[] = [ouster];
