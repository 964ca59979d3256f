/** `--record`: what a server says before anybody calls. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { Process } from "../../tools/processes.ts";
import { temporaryFolder, testSideBySide } from "../support.ts";

testSideBySide([], "a server that can't record refuses to start", {
  "without the permission, which it names": withoutPermission,
  "where there is no folder to be had": whereAFileIs,
});

async function withoutPermission(): Promise<void> {
  await using folder = await temporaryFolder();
  const { path } = folder;
  const text = await refusal([], path);
  assertStringIncludes(text, `Can't record into ${path}: `);
  assertStringIncludes(text, `--allow-write=${path}`);
}

async function whereAFileIs(): Promise<void> {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/file`;
  await Deno.writeTextFile(path, "");
  assertEquals(
    await refusal([`--allow-write=${folder.path}`], path),
    `Can't record into ${path}: it is not a folder`,
  );
}

/** What a server says that is to record into `folder`, and ends. */
async function refusal(
  permissions: string[],
  folder: string,
): Promise<string> {
  await using server = new Process(Deno.execPath(), [
    ...["run", "--quiet", "-P=server", ...permissions, "server.ts"],
    ...["--port", "0", "--record", folder],
  ]);
  const { code } = await server.finished();
  assertEquals([code, server.stderr.length], [1, 1], server.stderr.join("\n"));
  return server.stderr[0];
}
