/**
 * `deno task demo`: a server on a free port and a client that sends it 100,000
 * points at 4 Hz with the test video for 10 s, as two processes; then what
 * arrived, held against what was sent.
 */
import { EXIT } from "../lib/cli/exit.ts";
import type { PublishReport } from "../lib/publisher.ts";
import type { SessionSnapshot } from "../lib/session/snapshot.ts";
import { formatReport } from "../lib/cli/progress.ts";
import { TextLineStream } from "./text_lines.ts";

type ClosedSession = SessionSnapshot & { message: string };

const args = ["--duration", "10", "--points", "100000", "--rate", "4"];
const root = new URL("..", import.meta.url);

await using server = spawn("server", [
  ...["server.ts", "--host", "127.0.0.1", "--port", "0"],
  ...["--log-format", "json"],
], "piped");
const lines = logLines(server.child.stderr);
const url = await findLog(lines, (line) => line.message === "listening");
console.error(`server on ${url.url}, the client sends for 10 s:`);

await using client = spawn("client", [
  ...["client.ts", "--signaling", `${url.url}/offer`, ...args],
  ...["--verify", "--json", "--log-level", "warn", ...Deno.args],
], "inherit");
const closed = findLog(lines, (line) => line.message === "session closed");
const output = await new Response(client.child.stdout).text();
const { success } = await client.child.status;
if (output === "") {
  console.error("The demo failed: the client says why above");
  Deno.exit(EXIT.failed);
}
const report: PublishReport = JSON.parse(output);
const received = await closed as unknown as ClosedSession;

console.log(`\nwhat the client sent\n${formatReport(report)}`);
console.log(`\nwhat the server received\n${formatReceived(received)}`);
const { matched = 0 } = report.verified ?? {};
console.log(
  success
    ? `\nAll ${matched} frames arrived, every value as it was encoded.`
    : `\nNot all is well: ${report.failure}`,
);
await server.stop();
Deno.exit(success ? EXIT.ok : EXIT.failed);

function formatReceived({ points, video, audio }: ClosedSession): string {
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

/** Starts one of our programs with the permissions of its task. */
function spawn(
  permissions: "server" | "client",
  args: string[],
  stderr: "piped" | "inherit",
) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", `-P=${permissions}`, ...args],
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr,
  }).spawn();
  let running = true;
  void child.status.then(() => running = false);
  async function stop() {
    if (running) child.kill("SIGTERM");
    await child.status;
  }
  return { child, stop, [Symbol.asyncDispose]: stop };
}

type LogLine = Record<string, unknown> & { message: string };

async function* logLines(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<LogLine> {
  for await (const line of bytes.pipeThrough(new TextLineStream())) {
    if (line.startsWith("{")) yield JSON.parse(line);
    else console.error(line);
  }
}

async function findLog(
  lines: AsyncGenerator<LogLine>,
  matches: (line: LogLine) => boolean,
): Promise<LogLine> {
  while (true) {
    const { value, done } = await lines.next();
    if (done) throw new Error("The server ended before its time");
    if (matches(value)) return value;
  }
}
