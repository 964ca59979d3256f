import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Process } from "../../tools/processes.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";

const FOLDER = `${ROOT}tools/deploy`;
/** Where the unit has it. */
const DENO = "/usr/local/bin/deno";

testWith(
  ["systemd-analyze"],
  "systemd-analyze finds nothing wrong with the unit, and little exposed",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/pointwire.service`;
    // It looks for the program, which may be elsewhere here.
    const unit = (await readUnit()).replace(DENO, Deno.execPath());
    await Deno.writeTextFile(path, unit);
    assertEquals(await analyze("verify", path), { code: 0, said: "" });
    // In tenths: it fails where more is exposed.
    const args = ["security", "--offline=true", "--threshold=20", path];
    const { code, said } = await analyze(...args);
    assertEquals(code, 0, said);
  },
);

testWith(
  [],
  "what the unit starts serves, and the health check sees it",
  async () => {
    const [, line] = /^ExecStart=(.+)$/m.exec(await readUnit())!;
    const [program, ...args] = line.split(" ");
    assertEquals(program, DENO);
    const port = args.indexOf("--port") + 1;
    assert(port > 0);
    args[port] = "0";
    await using server = new Process(Deno.execPath(), args);
    const { url } = await server.waitForLog(
      "the server's address",
      ({ message }) => message === "listening",
    );
    assertEquals(await checkHealth(`${url}/healthz`), { code: 0, said: "" });
    assertEquals((await server.stop("SIGTERM")).code, 0);
    const { code, said } = await checkHealth(`${url}/healthz`);
    assertEquals(code, 1);
    assertStringIncludes(said, `${url}/healthz is not well: `);
  },
);

testWith([], "what the image is made of is there", async () => {
  const text = await Deno.readTextFile(`${FOLDER}/Dockerfile`);
  const copies = text.matchAll(/^COPY (?!--from)(.+) \S+$/gm);
  const sources = [...copies].flatMap(([, names]) => names.split(" "));
  assert(sources.length > 0);
  for (const name of sources) await Deno.stat(`${ROOT}${name}`);
  const [, version] = /^ARG DENO=(\S+)$/m.exec(text)!;
  const setup = await Deno.readTextFile(`${ROOT}tools/setup.sh`);
  assertStringIncludes(setup, `\ndeno_release=${version}\n`);
});

async function readUnit(): Promise<string> {
  return await Deno.readTextFile(`${FOLDER}/pointwire.service`);
}

async function analyze(...args: string[]) {
  return await run("systemd-analyze", args);
}

async function checkHealth(url: string) {
  const program = `${FOLDER}/healthcheck.ts`;
  const { host } = new URL(url);
  const args = ["run", "--quiet", `--allow-net=${host}`, program, url];
  return await run(Deno.execPath(), args);
}

async function run(program: string, args: string[]) {
  const { code, stderr } = await new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}
