import { assert } from "@std/assert";
import { ROOT } from "../../support.ts";

/** Runs a program of other people's decoders on JSON, and returns its JSON. */
export async function askPython<T>(
  program: string,
  given: unknown,
): Promise<T> {
  const child = new Deno.Command(Deno.env.get("LIDAR_PYTHON")!, {
    args: [`${ROOT}tests/sources/lidar/${program}`],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(given)));
  await writer.close();
  const { success, stdout } = await child.output();
  assert(success, program);
  return JSON.parse(new TextDecoder().decode(stdout));
}
