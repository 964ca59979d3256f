import { assertEquals, assertRejects } from "@std/assert";
import { ByteBudget } from "../../lib/limits/byte_budget.ts";
import { encodeFile } from "../../lib/points/formats.ts";
import { PostedBody } from "../../lib/serving/posted_body.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { FRAMES_MEDIA_TYPE } from "../../lib/wire/framed_messages.ts";
import { typedCloud } from "../points/file_clouds.ts";

const CLOUD = new Uint8Array(
  encodeFile(".npy", typedCloud("x,y,z", [[1, 2, 3]])),
);

function request(body: BodyInit, type = "application/octet-stream"): Request {
  const headers = { "content-type": type };
  return new Request("http://localhost", { method: "POST", body, headers });
}

/** A body that comes a byte at a time. */
function inPieces(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
}

function bodyOf(
  from: Request,
  { timeoutMs, budget = 1e6 }: { timeoutMs?: number; budget?: number } = {},
): PostedBody {
  return new PostedBody(from, {
    ...{ maxBytes: 1_000, timeoutMs },
    budget: new ByteBudget(budget),
  });
}

async function assertRefused(body: PostedBody, status: number, limit?: string) {
  const error = await assertRejects(() => body.next(), HttpProblem);
  assertEquals([error.status, error.limit], [status, limit]);
}

Deno.test("PostedBody reads a file after the other, in pieces of any size", async () => {
  const all = new Uint8Array([...CLOUD, ...CLOUD]);
  await using body = bodyOf(request(inPieces(all)));
  for (let number = 0; number < 2; number++) {
    assertEquals(await body.next(), {
      ...{ type: "cloud", format: "npy", bytes: CLOUD },
    });
  }
  assertEquals(await body.next(), undefined);
});

Deno.test("PostedBody waits for a cloud so long, and no longer", async () => {
  const start = CLOUD.subarray(0, 20);
  const slow = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(start),
  });
  await using body = bodyOf(request(slow), { timeoutMs: 20 });
  await assertRefused(body, 408, "body-time");
});

Deno.test("PostedBody takes no more than it may", async () => {
  const length = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1);
  await using huge = bodyOf(request(length, FRAMES_MEDIA_TYPE));
  await assertRefused(huge, 413, "body-bytes");
  const text = Uint8Array.of(0xff, 0xff, 0xff, 0, "{".charCodeAt(0));
  await using long = bodyOf(request(text, FRAMES_MEDIA_TYPE));
  await assertRefused(long, 413, "body-bytes");
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(8192)),
  });
  await using whole = bodyOf(request(endless));
  await assertRefused(whole, 413, "body-bytes");
});

Deno.test("PostedBody reads nothing beyond what is shared by all", async () => {
  const budget = new ByteBudget(100);
  using _ = budget.take(99);
  const pieces = request(inPieces(CLOUD));
  await using body = new PostedBody(pieces, { maxBytes: 1_000, budget });
  await assertRefused(body, 503);
});
