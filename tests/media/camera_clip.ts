/** Pictures as a camera makes them: much that moves, and noise over it. */

/** Runs ffmpeg; returns what it writes to stdout. */
export async function ffmpeg(args: string[]): Promise<Uint8Array> {
  const { success, stdout, stderr } = await new Deno.Command("ffmpeg", {
    args: ["-nostdin", "-v", "error", ...args],
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return stdout;
}

/** What ffmpeg reads such pictures from. */
export function cameraPictures(size: string, seconds: number): string[] {
  const pictures = `testsrc2=s=${size}:r=30:d=${seconds}`;
  return ["-f", "lavfi", "-i", `${pictures},noise=alls=20:allf=t`];
}
