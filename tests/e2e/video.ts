/** What ffmpeg says of a file that was received. */

export interface Decoded {
  file: string;
  /** What ffmpeg had to say at level error; empty when all is well. */
  errors: string;
  /** Decoded video frames; 0 for a file without video. */
  frames: number;
}

/** Decodes a whole file. */
export async function decode(file: string): Promise<Decoded> {
  const { stdout, stderr } = await ffmpeg([
    ...["-v", "error", "-i", file, "-progress", "pipe:1", "-f", "null", "-"],
  ]);
  const frames = [...stdout.matchAll(/^frame=(\d+)/gm)].at(-1)?.[1];
  return { file, errors: stderr, frames: Number(frames ?? 0) };
}

/**
 * Compares two videos frame by frame from their first on, for as long as both
 * last.
 *
 * @returns the average PSNR, dB.
 */
export async function averagePsnr(
  file: string,
  source: string,
  rate: number,
): Promise<number> {
  const { stderr } = await ffmpeg([
    ...["-r", `${rate}`, "-i", file, "-i", source, "-lavfi"],
    `[0:v]setpts=N/${rate}/TB[a];[1:v]setpts=N/${rate}/TB[b];` +
    `[a][b]psnr=shortest=1`,
    ...["-f", "null", "-"],
  ]);
  const average = /PSNR .*average:([\d.]+|inf)/.exec(stderr)?.[1];
  if (average === undefined) throw new Error(`No PSNR: ${stderr}`);
  return average === "inf" ? Infinity : Number(average);
}

async function ffmpeg(args: string[]) {
  const output = await new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-nostdin", ...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return {
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}
