/** What `./points` is to a page of somebody else's. */
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import type * as Points from "../../lib/points/mod.ts";
import { decodeFile, encodeFile } from "../../lib/points/mod.ts";
import { ROOT, testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";

const DATA = `${ROOT}tests/data/`;

/** A page without a line of script: what it runs, the test hands it. */
const PAGE = "<!doctype html><link rel=icon href=data:,><title>points</title>";

/** Bundles `./points` as a page's build would. */
async function bundlePoints(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", "lib/points/mod.ts"],
    cwd: ROOT,
  }).output();
  const text = new TextDecoder();
  assertEquals(success, true, text.decode(stderr));
  return text.decode(stdout);
}

/** A file of each format, by its name. */
async function readFiles(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const cloudini = await Deno.readFile(`${DATA}cloudini/walk.cloudini`);
  const cloud = await decodeFile("walk.cloudini", cloudini);
  // The vector is uncompressed; Deno's own zstd compresses this one.
  const zstd = new Uint8Array(encodeFile("zstd.cloudini", cloud));
  const header = new TextDecoder().decode(zstd.subarray(0, 200));
  assertStringIncludes(header, "compression_opt: ZSTD");
  return {
    "walk.cloudini": cloudini,
    "zstd.cloudini": zstd,
    "walk.npy": new Uint8Array(encodeFile("walk.npy", cloud)),
    "typed_binary_compressed.pcd": await Deno.readFile(
      `${DATA}clouds/typed_binary_compressed.pcd`,
    ),
    "camera_binary.ply": await Deno.readFile(`${DATA}clouds/camera_binary.ply`),
  };
}

testWith(
  ["chromium"],
  "a page decodes with ./points what Deno decodes, zstd included",
  async () => {
    const bundle = await bundlePoints();
    assertEquals(bundle.match(/.*node:.*/)?.[0], undefined);
    const files = await readFiles();
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => {
        const name = new URL(request.url).pathname.slice(1);
        if (name === "") {
          return new Response(PAGE, {
            headers: { "content-type": "text/html" },
          });
        }
        if (name in files) return new Response(files[name]);
        const headers = { "content-type": "text/javascript" };
        return new Response(bundle, { headers });
      },
    );
    await using browser = await startBrowser();
    await using tab = await browser.open(
      `http://127.0.0.1:${server.addr.port}/`,
    );
    for (const [name, bytes] of Object.entries(files)) {
      const cloud = await tab.page.evaluate(async (name) => {
        const points: typeof Points = await import(
          `${location.origin}/points.js`
        );
        const response = await fetch(`/${name}`);
        const bytes = new Uint8Array(await response.arrayBuffer());
        const { data, ...shape } = await points.decodeFile(name, bytes);
        return { ...shape, data: Array.from(data) };
      }, name);
      const expected = await decodeFile(name, bytes);
      assertGreater(expected.points, 0, name);
      const data = Array.from(expected.data);
      assertEquals({ ...cloud }, { ...expected, data }, name);
    }
    assertEquals(tab.errors, []);
  },
);
