import { blockBytes, type HesaiModel } from "./models.ts";

/** Hundredths of a degree in a microsecond, of one turn a minute. */
const TURN_A_MINUTE = 36_000 / 60e6;

/** Metres of a step where no header tells them. */
const STEP = 0.004;

/** What a packet tells besides its points. */
export interface Tail {
  returnMode: number;
  /** Microseconds since the Unix epoch, by the sensor's clock. */
  micros: number;
  /** How fast the head turns, hundredths of a degree in a microsecond. */
  rate: number;
  /** Metres of a step of distance. */
  step: number;
  /** The packet's, where it has one. */
  number?: number;
}

/** Reads what is before and after a checked packet's blocks, little-endian. */
export function readTail(payload: Uint8Array, model: HesaiModel): Tail {
  const { buffer, byteOffset, length } = payload;
  const view = new DataView(buffer, byteOffset, length);
  const { tail, header, stepAt } = model;
  const at = header + model.blocks * blockBytes(model);
  const numberAt = at + tail.numberAt;
  const date = payload.subarray(at + tail.dateAt, at + tail.dateAt + 6);
  return {
    returnMode: payload[at + tail.returnModeAt],
    micros: readSeconds(date, tail.firstYear) * 1e6 +
      view.getUint32(at + tail.microsAt, true),
    rate: view.getUint16(at + tail.speedAt, true) * TURN_A_MINUTE,
    step: stepAt === undefined ? STEP : payload[stepAt] / 1000,
    number: numberAt + 4 <= length ? view.getUint32(numberAt, true) : undefined,
  };
}

/** A date, or with no year, with PTP, the seconds as a big-endian uint32. */
function readSeconds(date: Uint8Array, firstYear: number): number {
  const [year, month, day, hour, minute, second] = date;
  if (year === 0) {
    return (day << 24 | hour << 16 | minute << 8 | second) >>> 0;
  }
  return Date.UTC(firstYear + year, month - 1, day, hour, minute, second) /
    1000;
}
