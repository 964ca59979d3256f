import type { LidarMake } from "../packet_decoder.ts";
import { VelodyneDecoder } from "./decoder.ts";
import { whyRefused } from "./layout.ts";

/** Velodyne's sensors with 16, 32 and 128 lasers. */
export const velodyne: LidarMake = {
  name: "velodyne",
  defaultPort: 2368,
  recognizes: (payload) => whyRefused(payload) === undefined,
  createDecoder: () => new VelodyneDecoder(),
};
