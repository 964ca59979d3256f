import type { LidarMake } from "../packet_decoder.ts";
import { OusterDecoder } from "./decoder.ts";
import { looksLikePacket } from "./packet_layout.ts";

/** Ouster's spinning sensors: OS0, OS1, OS2 and OSDome. */
export const ouster: LidarMake = {
  name: "ouster",
  defaultPort: 7502,
  needsMetadata: true,
  recognizes: looksLikePacket,
  createDecoder: ({ metadata } = {}) => new OusterDecoder(metadata),
};
