/** A clip as a camera makes it: much that moves, and noise over all of it. */

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

/** A file with such pictures and a tone, in a folder of its own. */
export async function cameraClip(size: string) {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/camera.mp4`;
  await ffmpeg([
    ...[...cameraPictures(size, 3), "-f", "lavfi", "-i", "sine=d=3"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "10M"],
    ...["-pix_fmt", "yuv420p", "-c:a", "aac", path],
  ]);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}
