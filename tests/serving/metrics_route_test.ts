import { assertEquals } from "@std/assert";
import { metricsRoute } from "../../lib/serving/metrics_route.ts";
import { OPEN } from "../../lib/serving/access.ts";
import { createRouter } from "../../lib/serving/route.ts";

Deno.test("GET /metrics gives text to callers that may operate the server", async () => {
  const asked: string[] = [];
  const route = createRouter([
    metricsRoute({
      contentType: "text/plain; version=0.0.4",
      text: () => Promise.resolve("up 1\n"),
    }),
  ], (_, right) => {
    asked.push(right);
    return OPEN;
  });
  const request = new Request("http://localhost/metrics");
  const response = await route(request, "192.0.2.1");
  assertEquals(asked, ["operate"]);
  assertEquals(response.status, 200);
  assertEquals(
    response.headers.get("content-type"),
    "text/plain; version=0.0.4",
  );
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await response.text(), "up 1\n");
});
