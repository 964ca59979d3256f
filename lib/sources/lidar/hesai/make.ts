import { SourceError } from "../../errors.ts";
import type { LidarMake } from "../packet_decoder.ts";
import { readCorrections } from "./corrections.ts";
import { HesaiDecoder } from "./decoder.ts";
import { findModel } from "./models.ts";

/** Hesai's sensors with 16 to 64 channels that turn. */
export const hesai: LidarMake = {
  name: "hesai",
  defaultPort: 2368,
  recognizes: (payload) => findModel(payload) !== undefined,
  createDecoder({ metadata } = {}) {
    if (metadata === undefined) return new HesaiDecoder();
    if (typeof metadata !== "string") {
      throw new SourceError(
        "A Hesai's metadata is its angle correction file, a .csv",
      );
    }
    return new HesaiDecoder(readCorrections(metadata));
  },
};
