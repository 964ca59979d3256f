/** RTP payloads of NAL units: RFC 6184 in mode 1, and RFC 7798. */
import { nalUnits } from "./annex_b.ts";
import { evenParts } from "./even_parts.ts";
import { h265UnitType } from "./h265.ts";

/** How a codec's units travel. */
interface NalRules {
  /** Bytes of a unit's header. */
  headerBytes: number;
  /** Whether a unit only says that an access unit begins. */
  isDelimiter(unit: Uint8Array): boolean;
  /** The header of a payload that has several units in it. */
  aggregateHeader(units: Uint8Array[]): number[];
  /**
   * The header of a fragment of a unit, its last byte without the flags: S
   * (0x80) where the first, and E (0x40) where the last one is.
   */
  fragmentHeader(unit: Uint8Array): number[];
}

const H264: NalRules = {
  headerBytes: 1,
  isDelimiter: ([first]) => (first & 0x1f) === 9,
  aggregateHeader: (units) => [
    Math.max(...units.map(([first]) => first & 0x60)) | 24, // STAP-A
  ],
  fragmentHeader: ([first]) => [first & 0xe0 | 28, first & 0x1f], // FU-A
};

const H265: NalRules = {
  headerBytes: 2,
  isDelimiter: ([first]) => h265UnitType(first) === 35,
  aggregateHeader(units) {
    // The lowest layer and temporal id of all.
    const layer = Math.min(...units.map(([a, b]) => (a & 1) << 5 | b >> 3));
    const temporal = Math.min(...units.map(([, b]) => b & 0x07));
    return [48 << 1 | layer >> 5, (layer & 0x1f) << 3 | temporal];
  },
  fragmentHeader: ([first, second]) => [
    first & 0x81 | 49 << 1,
    second,
    h265UnitType(first),
  ],
};

/** Splits an access unit of H.264: units, STAP-As, FU-As. */
export function packetizeH264(accessUnit: Uint8Array, most: number) {
  return packetizeUnits(accessUnit, most, H264);
}

/** Splits an access unit of H.265: units, aggregation packets, fragments. */
export function packetizeH265(accessUnit: Uint8Array, most: number) {
  return packetizeUnits(accessUnit, most, H265);
}

function packetizeUnits(
  accessUnit: Uint8Array,
  most: number,
  rules: NalRules,
): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const endAggregate = () => {
    if (small.length > 0) payloads.push(aggregate(small, rules));
    small = [];
  };
  for (const unit of nalUnits(accessUnit)) {
    // RTP has the timestamp and the marker for this.
    if (rules.isDelimiter(unit)) continue;
    if (aggregateBytes([...small, unit], rules) > most) endAggregate();
    if (unit.length > most) payloads.push(...fragment(unit, most, rules));
    else small.push(unit);
  }
  endAggregate();
  return payloads;
}

function aggregateBytes(units: Uint8Array[], { headerBytes }: NalRules) {
  return units.reduce((sum, unit) => sum + 2 + unit.length, headerBytes);
}

/** One unit as it is, several in one payload. */
function aggregate(units: Uint8Array[], rules: NalRules): Uint8Array {
  if (units.length === 1) return units[0];
  const payload = new Uint8Array(aggregateBytes(units, rules));
  payload.set(rules.aggregateHeader(units));
  let at = rules.headerBytes;
  for (const unit of units) {
    payload[at] = unit.length >> 8;
    payload[at + 1] = unit.length & 0xff;
    payload.set(unit, at + 2);
    at += 2 + unit.length;
  }
  return payload;
}

function fragment(
  unit: Uint8Array,
  most: number,
  rules: NalRules,
): Uint8Array[] {
  const header = rules.fragmentHeader(unit);
  const body = unit.subarray(rules.headerBytes);
  const parts = evenParts(body, most - header.length);
  return parts.map((part, i) => {
    const payload = new Uint8Array(header.length + part.length);
    payload.set(header);
    if (i === 0) payload[header.length - 1] |= 0x80;
    if (i === parts.length - 1) payload[header.length - 1] |= 0x40;
    payload.set(part, header.length);
    return payload;
  });
}
