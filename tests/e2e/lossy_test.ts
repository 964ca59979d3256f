/** The real programs over a network that loses, reorders and doubles packets. */
import { assert, assertEquals } from "@std/assert";
import { testWith } from "../support.ts";
import { arrived } from "./arrived.ts";
import { startClient, startServer } from "../../tools/processes.ts";
import { startRelay } from "../../tools/impair/relay_process.ts";

/** A hundred megabits of points a minute, with sound and picture. */
const CLIENT = [
  "--no-adaptive",
  "--points",
  "20000",
  "--verify",
  "--json",
  "--mtu",
  "1280",
];

interface Report {
  framesSent: number;
  framesAcked: number;
  framesDropped: number;
  verified: { frames: number; mismatched: number };
  video: { packets: number };
  latencyMs: { p95: number };
  outages: unknown[];
}

async function publishThrough(
  args: string[],
  seconds: number,
): Promise<Report> {
  await using server = await startServer();
  await using relay = await startRelay(server, args);
  const duration = ["--duration", `${seconds}`];
  await using client = startClient(relay, [...CLIENT, ...duration]);
  await client.finished();
  const { toAnswerer } = await relay.counters();
  assert(toAnswerer.received > 500, "it went another way");
  return JSON.parse(await client.stdout);
}

const NETWORKS: Record<string, string[]> = {
  "1 % loss": ["--delay", "25", "--loss", "1"],
  "5 % loss, in bursts": [
    ...["--delay", "25", "--loss", "5", "--burst", "3"],
  ],
  "reordering": ["--delay", "20", "--reorder", "10", "--reorder-by", "8"],
  "duplication and jitter": [
    ...["--delay", "20", "--duplicate", "10", "--jitter", "10"],
  ],
};

for (const [name, args] of Object.entries(NETWORKS)) {
  testWith(
    ["ffmpeg"],
    `All points arrive bit for bit under ${name}`,
    async () => {
      const report = await publishThrough(args, 3);
      // A busy machine drops some before they are sent, and its client says so.
      const { framesSent } = report;
      assert(framesSent > 0);
      assertEquals(report.framesAcked, framesSent);
      assertEquals(arrived(report.verified), [framesSent, 0]);
      assertEquals(report.outages, []);
      assert(report.video.packets > 20);
    },
  );
}
