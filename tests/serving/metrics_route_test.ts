import { assertEquals, assertRejects } from "@std/assert";
import { metricsRoute } from "../../lib/serving/metrics_route.ts";
import { type Access, OPEN } from "../../lib/serving/access.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import { createRouter } from "../../lib/serving/route.ts";

Deno.test("GET /metrics gives text to callers that may operate the server", async () => {
  const asked: string[] = [];
  const route = createRouter([
    metricsRoute({
      contentType: "text/plain; version=0.0.4",
      text: () => Promise.resolve("up 1\n"),
    }),
  ], {
    authorize(_, right) {
      asked.push(right);
      return OPEN;
    },
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

Deno.test("GET /metrics is not for who may operate some sessions", async () => {
  const ask = (rights: Access["rights"]) => {
    const route = createRouter([
      metricsRoute({
        contentType: "text/plain",
        text: () => Promise.resolve("up 1\n"),
      }),
    ], { authorize: () => ({ rights }) });
    return route(new Request("http://localhost/metrics"), "192.0.2.1");
  };
  for (
    const rights of [
      { operate: new Set(["other"]) },
      { operate: new Set<string>(), watch: "all" as const },
    ]
  ) {
    const error = await assertRejects(() => ask(rights), HttpProblem);
    assertEquals(
      [error.status, error.message],
      [403, "The token gives no right to operate all sessions"],
    );
    assertEquals(
      error.headers["www-authenticate"],
      'Bearer error="insufficient_scope"',
    );
  }
  assertEquals(await (await ask({ operate: "all" })).text(), "up 1\n");
});
