import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../support.ts";
import { Process } from "../../../tools/processes.ts";

testWith(
  ["ffmpeg", "linux"],
  "A short soak leaves nothing behind, and says so in JSON",
  async () => {
    await using soak = new Process(Deno.execPath(), [
      ...["run", "--quiet", "-P=bench-transport", "tools/soak.ts"],
      ...["--minutes", "0.15", "--clients", "2", "--visitors", "2"],
    ]);
    const { code } = await soak.finished();
    assert(code <= 1, soak.stderr.join("\n"));
    const result = JSON.parse(await soak.stdout);
    assertEquals(result.after.sessions, 0);
    assert(result.after.files <= result.before.files + 2);
    const visits: number[] = Object.values(result.visits);
    assert(visits.reduce((sum, each) => sum + each, 0) >= 4);
    assertEquals(result.clients.failed, 0);
    // What memory does in so few seconds says nothing: it warms up.
    const complaints: string[] = result.complaints;
    const grave = complaints.filter((each) => !each.startsWith("memory"));
    assertEquals(grave, []);
    assertEquals(code, complaints.length === 0 ? 0 : 1);
  },
);
