import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  checkClusterOptions,
  CLUSTER_OPTIONS,
  joinCluster,
} from "../../lib/cli/cluster_options.ts";
import { parseOptions, UsageError } from "../../lib/cli/options.ts";
import { BusError } from "../../lib/cluster/bus.ts";
import { createLogger } from "../../lib/log.ts";
import { freePort } from "../free_port.ts";
import { testWith } from "../support.ts";

const log = createLogger({ write: () => {} });

function read(...args: string[]) {
  const options = parseOptions(args, CLUSTER_OPTIONS)!;
  checkClusterOptions(options);
  return options;
}

Deno.test("A server is no node unless it is told so", async () => {
  assertEquals(await joinCluster(read(), log), undefined);
});

Deno.test("What no cluster can be made of is named", () => {
  const nats = ["--cluster", "nats://localhost:4222"];
  const cases: [string[], string][] = [
    [["--cluster", "localhost:4222"], "URLs such as nats://localhost:4222"],
    [["--node", "a"], "add --cluster"],
    [["--node-url", "http://a:8080"], "add --cluster"],
    [["--cluster-creds", "a.creds"], "add --cluster"],
    [["--cluster-ca", "ca.pem"], "add --cluster"],
    [[...nats, "--cluster-ca", "ca.pem"], "write tls://localhost:4222"],
    [
      ["--cluster", "nats://me:word@localhost:4222", "--cluster-creds", "a"],
      "leave the user out",
    ],
    [[...nats, "--node", "a.b"], "--node takes up to 64 letters"],
    [[...nats, "--cluster-name", ">"], "--cluster-name takes up to 64"],
  ];
  for (const [args, why] of cases) {
    assertThrows(() => read(...args), UsageError, why);
  }
  read(...nats, "--node", "a", "--node-url", "http://a:8080");
});

testWith([], "A cluster that can't be joined is named", async () => {
  const server = `nats://user:secret@127.0.0.1:${freePort()}`;
  const error = await assertRejects(
    () => joinCluster(read("--cluster", server), log),
    BusError,
    `no NATS server answers at ${new URL(server).host}`,
  );
  assertEquals(error.message.includes("secret"), false);
});
