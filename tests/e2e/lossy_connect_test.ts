/** Clients that connect to the real server while the network loses packets. */
import { assert } from "@std/assert";
import { settlesWithin } from "../../lib/async.ts";
import { testWith } from "../support.ts";
import { startServer } from "../../tools/processes.ts";
import { startRelay } from "../../tools/impair/relay_process.ts";

const CLIENTS = 12;
/** What the connection of each may take, milliseconds. */
const PATIENCE_MS = 60_000;

testWith([], "A dozen connections open at 5 % loss", async () => {
  const { connectRaw } = await import("./raw_peer.ts");
  await using server = await startServer();
  const network = ["--delay", "25", "--loss", "5"];
  await using relay = await startRelay(server, network);
  await using peers = new AsyncDisposableStack();
  const opened = Array.from({ length: CLIENTS }, async () => {
    peers.use(await connectRaw(relay.url, ["pointwire.v1"]));
  });
  const all = Promise.all(opened).then(() => {});
  assert(await settlesWithin(PATIENCE_MS, all), "not all were open in time");
  const { toAnswerer, toOfferer } = await relay.counters();
  assert(toAnswerer.lost > 0 && toOfferer.lost > 0, "nothing was lost");
});
