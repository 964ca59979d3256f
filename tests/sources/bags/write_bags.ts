import { assert } from "@std/assert";
import { ROOT, temporaryFolder } from "../../support.ts";

/** Bags as a program beside this file writes them, in a temporary folder. */
export async function writeBagsWith(program: string, ...args: string[]) {
  const folder = await temporaryFolder();
  const { success, stderr } = await new Deno.Command(
    Deno.env.get("BAGS_PYTHON")!,
    { args: [`${ROOT}tests/sources/bags/${program}`, folder.path, ...args] },
  ).output();
  assert(success, new TextDecoder().decode(stderr));
  return folder;
}
