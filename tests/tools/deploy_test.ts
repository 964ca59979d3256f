import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  Process,
  type ServerProcess,
  startServer,
} from "../../tools/processes.ts";
import { Nats } from "../cluster/nats.ts";
import { whenMet } from "../cluster/nodes.ts";
import { freePort } from "../free_port.ts";
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

testWith(
  ["yaml reader", "nats-server"],
  "the nodes of the compose file meet over its NATS",
  async () => {
    const { services, configs } = await readCompose();
    const { nats: broker, balancer, ...nodes } = services;
    // Its ports and names are this machine's: they may be in use.
    await using nats = await Nats.start(freePort());
    const host = "127.0.0.1";
    const brokerArgs = broker.command.join(" ");
    assertStringIncludes(brokerArgs, `--addr ${host} --port 4222`);
    assert(balancer.configs.every(({ source }) => source in configs));
    await using running = new AsyncDisposableStack();
    const servers: ServerProcess[] = [];
    for (
      const [name, { command, build, healthcheck }] of Object.entries(nodes)
    ) {
      await Deno.stat(`${FOLDER}/${build.context}/${build.dockerfile}`);
      const args = command.map((arg) =>
        arg.replace(/\$\{POINTWIRE_HOST.*\}/, host)
          .replace("nats://127.0.0.1:4222", nats.url)
      );
      const port = portOf(args);
      assertEquals(healthcheck.test.at(-1), `http://${host}:${port}/healthz`);
      assertStringIncludes(configs.balancer.content, ` ${host}:${port} `);
      assert(args.includes(`--node-url=http://${host}:${port}`), name);
      servers.push(running.use(await startServer([...args, "--port", "0"])));
    }
    assertEquals(servers.length, 2);
    await whenMet(servers);
  },
);

/** What the test reads of the compose file. */
interface Compose {
  services: Record<string, {
    command: string[];
    configs: { source: string }[];
    build: { context: string; dockerfile: string };
    healthcheck: { test: string[] };
  }>;
  configs: Record<string, { content: string }>;
}

async function readCompose(): Promise<Compose> {
  const script = "import json, sys, yaml; " +
    "json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
  const { success, stdout } = await new Deno.Command("/usr/bin/python3", {
    args: ["-c", script, `${FOLDER}/compose.yaml`],
  }).output();
  assert(success, "the compose file is YAML");
  return JSON.parse(new TextDecoder().decode(stdout));
}

function portOf(args: string[]): string {
  const [port] = args.flatMap((arg) => /^--port=(\d+)$/.exec(arg)?.[1] ?? []);
  return port;
}

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
