import type { LidarMake } from "../packet_decoder.ts";
import { LivoxDecoder } from "./decoder.ts";
import { whyRefused } from "./packet.ts";

/** Livox's sensors that speak the protocol of the SDK 2: the Mid-360, HAP. */
export const livox: LidarMake = {
  name: "livox",
  defaultPort: 56_301,
  recognizes: (payload) => whyRefused(payload) === undefined,
  createDecoder: () => new LivoxDecoder(),
};
