import { foreignText } from "../foreign_text.ts";
import {
  codecOfEncoder,
  type EncoderPlan,
  trialArguments,
} from "./encoder_arguments.ts";
import { OPEN_TIMEOUT_MS } from "./ffmpeg.ts";
import { FfmpegError } from "./ffmpeg_error.ts";
import { runTool } from "./ffmpeg_tool.ts";

/** Options of {@linkcode checkEncoder}. */
export interface EncoderCheckOptions {
  /** The program to run, by name or path. @default {"ffmpeg"} */
  ffmpeg?: string;
  /** Stops it. */
  signal?: AbortSignal;
}

/** Most that ffmpeg may say of its encoders, bytes. */
const MAX_LIST_BYTES = 1024 * 1024;
/** Lines of what ffmpeg says that are handed on: the first say the most. */
const TOLD_LINES = 2;

/**
 * Tries an encoder on some pictures.
 *
 * @throws {FfmpegError} where that fails, with what ffmpeg says of it and the
 * encoders that it has.
 * @throws the signal's reason when it is aborted.
 */
export async function checkEncoder(
  plan: EncoderPlan & { encoder: string },
  { ffmpeg = "ffmpeg", signal }: EncoderCheckOptions = {},
): Promise<void> {
  const late = AbortSignal.timeout(OPEN_TIMEOUT_MS);
  const limits = {
    maxBytes: MAX_LIST_BYTES,
    signal: AbortSignal.any([late, signal ?? []].flat()),
  };
  const trial = await runTool(ffmpeg, trialArguments(plan), limits)
    .catch((error) => {
      if (error !== late.reason) throw error;
      const stderr = `nothing came of it in ${OPEN_TIMEOUT_MS / 1000} s`;
      return { code: 1, stderr };
    });
  if (trial.code === 0) return;
  const { stdout } = await runTool(
    ffmpeg,
    ["-hide_banner", "-encoders"],
    { ...limits, signal: signal ?? new AbortController().signal },
  );
  throw new FfmpegError(
    "failed",
    `The video encoder ${plan.encoder} can't be used: ${said(trial.stderr)}. ` +
      `This ffmpeg was built with ${encodersOf(stdout).join(", ")}, of which ` +
      "those in hardware need its driver; leave --video-encoder out for one " +
      "in software",
  );
}

function said(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/)
    .map((line) => line.replace(/^(\[[^\]]*\]\s*)+/, "").trim())
    .filter((line) => line !== "").slice(0, TOLD_LINES);
  return foreignText(lines.join("; ")).replace(/\.$/, "") ||
    "ffmpeg gave no reason";
}

/** The encoders of a list that fit, by their names. */
function encodersOf(list: string): string[] {
  return list.split("\n").map((line) => line.trim().split(/\s+/)[1] ?? "")
    .filter((name) => codecOfEncoder(name) !== undefined);
}
