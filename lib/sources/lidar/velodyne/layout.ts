import { createFirings, type Firings } from "./firings.ts";
import { createLasers, type Lasers } from "./lasers.ts";
import { VELODYNE_MODELS } from "./models.ts";
import {
  BANK_FLAGS,
  MODE_AT,
  PACKET_BYTES,
  PRODUCT_AT,
  RETURN_MODE,
  uint16At,
} from "./packet.ts";

/** What all packets of a sensor have alike. */
export interface Layout {
  /** The two bytes that say so: return mode and product. */
  readonly factory: number;
  readonly firings: Firings;
  readonly lasers: Lasers;
  readonly resolution: number;
  /** Whether what isn't dual is the last return. */
  readonly isLast: boolean;
}

/** Lays out the packets that are like a checked one. */
export function createLayout(payload: Uint8Array): Layout {
  const model = VELODYNE_MODELS.get(payload[PRODUCT_AT])!;
  const mode = payload[MODE_AT];
  return {
    factory: factoryOf(payload),
    firings: createFirings(model, mode),
    lasers: createLasers(model),
    resolution: model.resolution,
    isLast: mode === RETURN_MODE.last,
  };
}

/** Reads the two bytes that say how packets are laid out. */
export function factoryOf(payload: Uint8Array): number {
  return uint16At(payload, MODE_AT);
}

const MODES = new Set<number>(Object.values(RETURN_MODE));

/** Says why a payload is no packet of points that could be decoded. */
export function whyRefused(payload: Uint8Array): string | undefined {
  if (payload.length !== PACKET_BYTES) {
    return `Velodyne's packets have ${PACKET_BYTES} bytes, not ` +
      `${payload.length}`;
  }
  if (uint16At(payload, 0) !== BANK_FLAGS[0]) {
    return "A Velodyne's packet begins with ff ee";
  }
  const product = payload[PRODUCT_AT];
  if (!VELODYNE_MODELS.has(product)) {
    const known = [...VELODYNE_MODELS.values()].map(({ name }) => name);
    return `Product 0x${product.toString(16).padStart(2, "0")} is none of ` +
      known.join(", ");
  }
  if (!MODES.has(payload[MODE_AT])) {
    return `Return mode 0x${payload[MODE_AT].toString(16)} is none of ` +
      "strongest, last and dual";
  }
}
