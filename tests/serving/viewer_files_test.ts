import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createRouter } from "../../lib/serving/route.ts";
import { viewerRoutes } from "../../lib/serving/viewer_files.ts";
import { temporaryFolder, testWith } from "../support.ts";

/** Serves a folder with some files, and gives what a path is answered with. */
async function serve(folder: string, files: Record<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const route = createRouter(viewerRoutes(new URL(`file://${folder}/`)));
  return (path: string, headers: Record<string, string> = {}) =>
    route(new Request(`http://localhost${path}`, { headers }), "127.0.0.1");
}

const FILES = {
  "index.html": "<!doctype html>",
  "main.js": "let a;",
  "style.css": "a {}",
  "icon.svg": "<svg/>",
  "notes.txt": "not a part of it",
};

testWith(
  [],
  "The page's files have types, tags and a strict policy",
  async () => {
    await using folder = await temporaryFolder();
    const get = await serve(folder.path, FILES);
    const types = {
      "/": "text/html; charset=utf-8",
      "/main.js": "text/javascript; charset=utf-8",
      "/style.css": "text/css; charset=utf-8",
      "/icon.svg": "image/svg+xml",
    };
    for (const [path, type] of Object.entries(types)) {
      const response = await get(path);
      const { headers } = response;
      const name = path === "/" ? "index.html" : path.slice(1);
      assertEquals(await response.text(), FILES[name as keyof typeof FILES]);
      assertEquals(headers.get("content-type"), type);
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      const policy = headers.get("content-security-policy")!;
      assertStringIncludes(policy, "default-src 'none'");
      assertEquals(
        /unsafe-inline|unsafe-eval'? |\*|https?:/.test(policy),
        false,
      );

      const etag = headers.get("etag")!;
      assertMatch(etag, /^(W\/)?"[^"]+"$/);
      const again = await get(path, { "if-none-match": etag });
      assertEquals([again.status, await again.text()], [304, ""]);
      const changed = await get(path, { "if-none-match": '"other"' });
      assertEquals(changed.status, 200);
      await changed.body?.cancel();
    }
  },
);

testWith(
  [],
  "The page of a package from a registry is fetched once, with the first request",
  async () => {
    const asked: string[] = [];
    let isDown = true;
    await using registry = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      ({ url }) => {
        const { pathname } = new URL(url);
        asked.push(pathname);
        return new Response("let a;", { status: isDown ? 500 : 200 });
      },
    );
    const folder = new URL(
      `http://127.0.0.1:${registry.addr.port}/0.1.0/page/`,
    );
    const route = createRouter(viewerRoutes(folder));
    const get = (path: string) =>
      route(new Request(`http://localhost${path}`), "127.0.0.1");
    assertEquals(asked, []);

    const problem = await get("/main.js").catch((error) => error);
    assertEquals(problem.status, 503);
    isDown = false;
    for (let time = 0; time < 2; time++) {
      const response = await get("/main.js");
      assertEquals(await response.text(), "let a;");
      assertMatch(response.headers.get("content-type")!, /^text\/javascript/);
    }
    await (await get("/")).body?.cancel();
    const main = "/0.1.0/page/main.js";
    assertEquals(asked, [main, main, "/0.1.0/page/index.html"]);
  },
);

testWith([], "Nothing but the page's files is served", async () => {
  await using folder = await temporaryFolder();
  const get = await serve(folder.path, FILES);
  for (const path of ["/notes.txt", "/index.html", "/../main.js%00", "/x.js"]) {
    const why = await get(path).then(() => "served", (error) => error.status);
    assertEquals(why, 404, path);
  }
});

testWith([], "A page that is not built says how to build it", async () => {
  const get = await serve("/nowhere", {});
  const why = await get("/").catch((error) => error);
  assertEquals(why.status, 404);
  assertStringIncludes(why.message, "deno task build");
});
