import { assertEquals, assertRejects } from "@std/assert";
import { RecordingBytes } from "../../lib/viewer/recording_bytes.ts";

const BYTES = Uint8Array.from({ length: 100 }, (_, i) => i);

/** A server whose first answers are others; time passes as it is slept. */
function startReading(...first: (Response | Error)[]) {
  let now = 0;
  const asked: string[] = [];
  const bytes = new RecordingBytes({
    name: "robot 7.mcap",
    clock: {
      now: () => now,
      sleep: (ms) => Promise.resolve(void (now += ms)),
    },
    fetch(url, { headers = {}, signal } = {}) {
      signal?.throwIfAborted();
      now++;
      asked.push(`${url} ${headers.range}`);
      const answer = first.shift();
      if (answer instanceof Error) return Promise.reject(answer);
      if (answer !== undefined) return Promise.resolve(answer);
      const [, start, end] = /(\d+)-(\d+)/.exec(headers.range)!.map(Number);
      return Promise.resolve(
        new Response(BYTES.slice(start, end + 1), {
          status: 206,
          headers: { "content-range": `bytes ${start}-${end}/100` },
        }),
      );
    },
  });
  return { bytes, asked };
}

const gone = () => new TypeError("Failed to fetch");
const problem = (status: number, detail: string) =>
  Response.json({ detail }, { status });

Deno.test("a recording is read by ranges, again where the server is away", async () => {
  const { bytes, asked } = startReading(gone(), problem(503, "It is full"));
  assertEquals(await bytes.read(10, 5), BYTES.subarray(10, 15));
  assertEquals(
    asked,
    Array.from({ length: 3 }, () => "/recordings/robot%207.mcap bytes=10-14"),
  );
  assertEquals(await bytes.size(), 100);
});

Deno.test("a refusal ends the reading, in the server's words", async () => {
  const { bytes, asked } = startReading(
    problem(404, "There is no recording robot 7.mcap"),
    new Response("all of it"),
  );
  await assertRejects(
    () => bytes.read(0, 5),
    Error,
    "There is no recording robot 7.mcap",
  );
  await assertRejects(
    () => bytes.read(0, 5),
    Error,
    "The server gives no ranges of it",
  );
  assertEquals(asked.length, 2);
});

Deno.test("a server that stays away is not asked for ever", async () => {
  const { bytes, asked } = startReading(...Array.from({ length: 99 }, gone));
  await assertRejects(() => bytes.read(0, 5), TypeError, "Failed to fetch");
  assertEquals(asked.length > 5 && asked.length < 40, true);
});

Deno.test("what isn't wanted any more is not asked for again", async () => {
  const { bytes, asked } = startReading(gone(), gone());
  const reading = bytes.read(0, 5);
  bytes.cancel();
  await assertRejects(() => reading);
  assertEquals(asked.length, 1);
  assertEquals((await bytes.read(0, 5)).length, 5);
});
