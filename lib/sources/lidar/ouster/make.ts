import { SourceError } from "../../errors.ts";
import type { LidarMake } from "../packet_decoder.ts";

/** Ouster's sensors: OS0, OS1, OS2 and OSDome. */
export const ouster: LidarMake = {
  name: "ouster",
  defaultPort: 7502,
  needsMetadata: true,
  recognizes: () => false,
  createDecoder() {
    throw new SourceError("Ouster's packets can't be read yet");
  },
};
