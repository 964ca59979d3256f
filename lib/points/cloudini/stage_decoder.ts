import { PointsError } from "../errors.ts";
import type { CloudiniHeader } from "./info.ts";
import { decodeLeading } from "./leading_decoder.ts";
import { decodePoints } from "./points_decoder.ts";
import { planPoints, type PointsPlan, resetPoints } from "./points_plan.ts";
import { minValueBytes, type RuledField, ruleFields } from "./rules.ts";
import { decodeSection, type Target } from "./sections_decoder.ts";
import { cutOff } from "./stage_errors.ts";
import { StageReader } from "./stage_reader.ts";

/** Decodes the chunks of clouds whose headers have the same fields. */
export class StageDecoder {
  readonly fields: readonly RuledField[];
  readonly #stride: number;
  readonly #sections: readonly RuledField[];
  readonly #plan: PointsPlan;
  /** Whether the only fields among the points are leading ones. */
  readonly #isLeading: boolean;
  readonly #minPointBytes: number;
  readonly #reader = new StageReader();
  #scratch = new Float32Array();

  constructor(header: CloudiniHeader) {
    const fields = ruleFields(header);
    const points = fields.filter(({ rule }) => rule !== "section");
    this.fields = fields;
    this.#stride = header.stride;
    this.#sections = fields.filter(({ rule }) => rule === "section");
    this.#plan = planPoints(points);
    this.#isLeading = points.length > 0 &&
      points.every(({ rule }) => rule === "leading");
    this.#minPointBytes = points.reduce(
      (sum, field) => sum + minValueBytes(field),
      0,
    );
  }

  /** Throws unless a chunk may hold so many points. */
  check(stage: Uint8Array, points: number): void {
    if (stage.length < points * this.#minPointBytes) throw cutOff();
  }

  /**
   * Decodes a chunk to where its points go; what pads them is left alone.
   *
   * @throws {PointsError} `length` when the bytes end before the points or the
   * points before the bytes, `header` for what no encoder writes.
   */
  decode(stage: Uint8Array, target: Target): void {
    const reader = this.#reader;
    reader.open(stage, 0);
    if (this.#isLeading) {
      reader.at = this.#decodeLeading(stage, target);
    } else {
      resetPoints();
      decodePoints(stage, reader, target, this.#plan);
    }
    for (const section of this.#sections) {
      decodeSection(stage, reader, target, section);
    }
    if (reader.at === stage.length) return;
    throw new PointsError(
      "length",
      `Cannot read Cloudini: ${stage.length - reader.at} bytes follow the ` +
        `${target.points} points of a chunk`,
    );
  }

  #decodeLeading(stage: Uint8Array, target: Target): number {
    const { view, start, points } = target;
    const { resolutions, offsets } = this.#plan;
    const fields = resolutions.length;
    const isPacked = this.#stride === 4 * fields &&
      offsets.every((offset, i) => offset === 4 * i);
    if (isPacked) {
      // The view begins with its buffer.
      const values = new Float32Array(view.buffer);
      return decodeLeading(stage, values, start / 4, points, resolutions);
    }
    if (this.#scratch.length < points * fields) {
      this.#scratch = new Float32Array(points * fields);
    }
    const values = this.#scratch;
    const end = decodeLeading(stage, values, 0, points, resolutions);
    offsets.forEach((offset, field) =>
      scatter(values, field, fields, offset, target)
    );
    return end;
  }
}

/** Copies one of some fields' values to their points. */
function scatter(
  values: Float32Array,
  field: number,
  fields: number,
  offset: number,
  { view, start, stride, points }: Target,
): void {
  let at = start + offset;
  for (let i = 0, from = field; i < points; i++, from += fields, at += stride) {
    view.setFloat32(at, values[from], true);
  }
}
