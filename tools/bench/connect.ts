/**
 * `deno task bench:connect`: how long connections take to open their data
 * channel on a network that loses packets. Both peers are in this process, the
 * relay is between them.
 */
import { readCommandLine } from "../../lib/cli/exit.ts";
import { createPeer } from "../../lib/transport/peer.ts";
import { takeSctpInit, withSctpInit } from "../../lib/transport/snap.ts";
import { type RelayProcess, startLoneRelay } from "../impair/relay_process.ts";
import { markdownTable, median } from "./transport/statistics.ts";

const options = readCommandLine("Usage: deno task bench:connect [OPTIONS]", {
  connections: {
    type: "integer",
    min: 1,
    max: 10_000,
    default: 50,
    help: "Connections on each network",
  },
  json: { type: "text", help: "File to write all times to, milliseconds" },
});

const PATIENCE_MS = 10_000;
const NETWORKS: Record<string, string[]> = {
  "RTT 50 ms": ["--delay", "25"],
  "RTT 50 ms, 5 % loss": ["--delay", "25", "--loss", "5"],
  "RTT 50 ms, 10 % loss": ["--delay", "25", "--loss", "10"],
  "RTT 50 ms, 20 % held back by 40 ms": [
    ...["--delay", "25", "--reorder", "20", "--reorder-by", "40"],
  ],
  "RTT 50 ms, 30 % twice": ["--delay", "25", "--duplicate", "30"],
};

const all: Record<string, { failed: number; times: number[] }> = {};
const rows = [["network", "open in 10 s", "median", "90 %", "slowest"]];
for (const [name, args] of Object.entries(NETWORKS)) {
  await using relay = await startLoneRelay(args);
  // The first one makes the certificate.
  await connect(relay);
  const times: number[] = [];
  for (let i = 0; i < options.connections; i++) {
    const time = await connect(relay);
    if (time !== undefined) times.push(time);
  }
  times.sort((a, b) => a - b);
  all[name] = { failed: options.connections - times.length, times };
  const show = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  rows.push([
    name,
    `${times.length} of ${options.connections}`,
    show(median(times)),
    show(times[Math.floor(times.length * 0.9)]),
    show(times.at(-1)!),
  ]);
}
console.log(markdownTable(rows));
if (options.json) {
  await Deno.writeTextFile(options.json, JSON.stringify(all, null, 2));
}
Deno.exit(0);

/** Connects two peers; returns the milliseconds until the channel was open. */
async function connect(
  relay: RelayProcess,
): Promise<number | undefined> {
  const [left, right] = [0, 1].map(() => createPeer({ loopback: true }));
  const started = performance.now();
  try {
    const channel = left.createDataChannel("bench");
    await left.setLocalDescription(await left.createOffer());
    const sdp = withSctpInit(left, left.localDescription!.sdp);
    const offer = await relay.post("/pairs", { sdp });
    await right.setRemoteDescription({ type: "offer", sdp: offer.sdp });
    const answered = await right.createAnswer();
    takeSctpInit(right, offer.sdp);
    await right.setLocalDescription(answered);
    const answer = await relay.post(`/pairs/${offer.pair}`, {
      sdp: withSctpInit(right, right.localDescription!.sdp),
    });
    takeSctpInit(left, answer.sdp);
    await left.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
      channel.stateChanged.subscribe((state) => {
        if (state !== "open") return;
        clearTimeout(timer);
        resolve(performance.now() - started);
      });
    });
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}
