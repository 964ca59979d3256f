/**
 * `deno task demo`: a server on a free port and a client that sends it 100,000
 * points at 4 Hz with the test video for 10 s, as two processes; then what was
 * sent and what arrived.
 */
import { EXIT } from "../lib/cli/exit.ts";
import type { PublishReport } from "../lib/publishing/publish.ts";
import type { SessionSnapshot } from "../lib/session/snapshot.ts";
import { formatReport } from "../lib/cli/progress.ts";
import { startClient, startServer } from "./processes.ts";

const args = ["--duration", "10", "--points", "100000", "--rate", "4"];

await using server = await startServer(["--host", "127.0.0.1"]);
console.error(`server on ${server.url}: open it to watch; sending:`);

await using client = startClient(
  server,
  [...args, "--verify", "--json", "--log-level", "warn", ...Deno.args],
  { stderr: "inherit" },
);
const { success } = await client.finished();
const output = await client.stdout;
if (output === "") {
  console.error("The demo failed: the client says why above");
  Deno.exit(EXIT.failed);
}
const report: PublishReport = JSON.parse(output);
const received = await server.waitForLog(
  "the end of the session",
  (line) => line.message === "session closed",
) as unknown as SessionSnapshot;

console.log(`\nwhat the client sent\n${formatReport(report)}`);
console.log(`\nwhat the server received\n${formatReceived(received)}`);
const { frames = 0 } = report.verified ?? {};
console.log(
  success
    ? `\nAll ${frames} frames arrived as they were sent.`
    : `\nNot all is well: ${report.failure}`,
);
await server.stop();
Deno.exit(success ? EXIT.ok : EXIT.failed);

function formatReceived({ points, video, audio }: SessionSnapshot): string {
  return [
    `points    ${points.frames} frames, ${points.points} points, ` +
    `${points.invalid} invalid messages`,
    `video     ${video.frames} frames (${video.keyframes} keyframes) of ` +
    `${video.codec} ${video.width}x${video.height}, ` +
    `${video.packetsLost} packets lost`,
    `audio     ${audio.frames} frames of ${audio.codec}, ` +
    `${audio.packetsLost} packets lost`,
  ].join("\n");
}
