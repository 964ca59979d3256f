/** What libraries of the system do, in processes that may call them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import type { PublishReport } from "../../lib/publishing/publish.ts";
import { BurstSocket } from "../../lib/transport/ice/burst_socket.ts";
import { ROOT, testWith } from "../support.ts";

/** Runs test modules of tests/transport with libraries. */
async function assertPass(...modules: string[]): Promise<void> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--no-check", "-P=test", "--allow-ffi"],
      ...modules.map((module) => `tests/transport/${module}.ts`),
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder();
  const said = `${text.decode(stdout)}\n${text.decode(stderr)}`;
  assertEquals(success, true, said);
}

testWith(
  ["linux"],
  "sockets and records are right by libraries",
  () =>
    assertPass(
      ...["ice/bursts", "ice/udp_socket_test"],
      ...["dtls/aead_test", "dtls/records_test"],
    ),
);

testWith(
  ["linux"],
  "all peers take the larger packets that are found",
  () => assertPass("sctp/path_mtu_peers"),
);

testWith([], "without --allow-ffi none is called", () => {
  const options = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;
  const socket = Deno.listenDatagram(options);
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  assertEquals(BurstSocket.of(socket) !== undefined, state === "granted");
  socket.close();
});

testWith(
  ["linux"],
  "clouds arrive as they were sent, by libraries",
  async () => {
    await using server = await startServer([], ["--allow-ffi"]);
    await using client = startClient(server, [
      ...["--points", "50000", "--rate", "10", "--duration", "2"],
      ...["--media", "none", "--mtu", "1280", "--verify", "--json"],
    ]);
    const { success } = await client.finished();
    assert(success, client.stderr.join("\n"));
    const told = ({ message }: { message: string }) =>
      message === "libraries of the system are called";
    assertStringIncludes(`${server.logs.find(told)?.libraries}`, "libc");
    const report: PublishReport = JSON.parse(await client.stdout);
    assertEquals(report.verified?.mismatched, 0);
    assertEquals(report.framesAcked, report.framesSent);
  },
);
