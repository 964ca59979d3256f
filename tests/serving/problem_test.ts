import { assertEquals } from "@std/assert";
import { HttpProblem } from "../../lib/serving/problem.ts";

Deno.test("HttpProblem makes a problem document", async () => {
  const response = new HttpProblem(404, "There is no session x").response();
  assertEquals(response.status, 404);
  assertEquals(
    response.headers.get("content-type"),
    "application/problem+json",
  );
  assertEquals(await response.json(), {
    title: "Not Found",
    status: 404,
    detail: "There is no session x",
  });
});

Deno.test("HttpProblem adds headers, but never another type", () => {
  const headers = { allow: "GET", "content-type": "text/html" };
  const response = new HttpProblem(405, "No", { headers }).response();
  assertEquals(response.headers.get("allow"), "GET");
  assertEquals(
    response.headers.get("content-type"),
    "application/problem+json",
  );
});

Deno.test("HttpProblem shows the client nothing of its cause", async () => {
  const cause = new Error("secret");
  const problem = new HttpProblem(500, "It failed", { cause });
  assertEquals(problem.cause, cause);
  const text = await problem.response().text();
  assertEquals(text.includes("secret"), false);
  assertEquals(text.includes("problem_test"), false);
});
