import { assert, assertEquals, assertRejects } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { SourceError } from "../../../lib/sources/errors.ts";
import { openSource } from "../../../lib/sources/open.ts";
import { withTime } from "../../../lib/sources/source.ts";
import { pause, temporaryFolder, testWith } from "../../support.ts";
import { COLUMNS, metadataOf, packetsOfFrame, ROWS } from "./ouster_packets.ts";
import { freePort } from "../../free_port.ts";

const open = { transport: "udp", hostname: "127.0.0.1", port: 0 } as const;

/** Sends frames until it is stopped, among packets of nobody. */
async function send(port: number, signal: AbortSignal): Promise<void> {
  const socket = Deno.listenDatagram(open);
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  for (let frame = 1; !signal.aborted; frame++) {
    await socket.send(new Uint8Array(frame % 1400), to);
    for (const packet of packetsOfFrame(frame)) await socket.send(packet, to);
    await pause(5);
  }
  socket.close();
}

async function takeScan(name: string, port: number, metadata?: string) {
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  const { streams: [{ source }] } = await openSource(name, { log, metadata });
  const stop = new AbortController();
  const sending = send(port, stop.signal);
  try {
    assertEquals(source.pace, "source");
    const { cloud, captureTime } = withTime((await source.next(0, 0))!);
    assertEquals([cloud.width, cloud.height], [COLUMNS, ROWS]);
    assert(Math.abs(captureTime - Date.now()) < 60_000);
  } finally {
    stop.abort();
    await sending;
    await source[Symbol.asyncDispose]?.();
  }
  assertEquals(await source.next(1, 0), undefined);
  return lines.join("\n");
}

testWith([], "Scans come from a UDP port, whatever else does", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/sensor.json`;
  await Deno.writeTextFile(file, JSON.stringify(metadataOf()));
  const port = freePort();
  const lines = await takeScan(`ouster:${port}`, port, file);
  assert(lines.includes("could not be used"), lines);
  assert(lines.includes("lidar sends"), lines);
});

testWith([], "A sensor says itself where it sends, over HTTP", async () => {
  const port = freePort();
  const metadata = metadataOf({}, { udp_port_lidar: port });
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
  }, (request) => {
    const { pathname } = new URL(request.url);
    return pathname === "/api/v1/sensor/metadata"
      ? Response.json(metadata)
      : new Response(null, { status: 404 });
  });
  await takeScan(`ouster:127.0.0.1:${server.addr.port}`, port);
});

testWith([], "A sensor that says too much or nothing is refused", async () => {
  const answers = [
    new Response(null, { status: 503 }),
    new Response("[".repeat(3_000_000)),
    new Response("no JSON"),
  ];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => answers.shift()!,
  );
  const log = createLogger({ write: () => {} });
  const name = `ouster:127.0.0.1:${server.addr.port}`;
  for (const why of ["status 503", "more than 1048576 bytes", "JSON"]) {
    await assertRejects(() => openSource(name, { log }), SourceError, why);
  }
});

testWith([], "Ports that can't be had are refused", async () => {
  const log = createLogger({ write: () => {} });
  for (const name of ["ouster:0", "ouster:70000"]) {
    await assertRejects(() => openSource(name, { log }), SourceError, "no UDP");
  }
});
