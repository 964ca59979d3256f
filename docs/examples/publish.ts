/**
 * Publishes clouds that a program makes: a wave on a square of 10 x 10 m.
 *
 *     deno task server
 *     deno run -A docs/examples/publish.ts     # in another terminal, until Ctrl-C
 */
import {
  createLogger,
  type PointCloud,
  pointCloud,
  publish,
} from "@pointwire/pointwire/publish";

const SIDE = 100; // points
const FIELDS = ["x", "y", "z", "intensity"];

/** Makes one cloud after the other; whatever knows your points goes here. */
function* wave(): Generator<PointCloud, undefined> {
  for (let time = 0;; time += 0.1) {
    // Each cloud in a buffer of its own: it waits until the network has room.
    const values = new Float32Array(SIDE * SIDE * FIELDS.length);
    for (let i = 0; i < SIDE * SIDE; i++) {
      const x = (i % SIDE) / SIDE * 10 - 5;
      const y = Math.floor(i / SIDE) / SIDE * 10 - 5;
      const z = Math.sin(Math.hypot(x, y) * 2 - time * 3) / 2;
      values.set([x, y, z, z + 0.5], i * FIELDS.length);
    }
    yield pointCloud(values, FIELDS);
  }
}

const [server = "http://localhost:8080", seconds = "0"] = Deno.args;
const stop = new AbortController();
Deno.addSignalListener("SIGINT", () => stop.abort());

const clouds = wave();
const report = await publish({
  signaling: `${server}/offer`,
  source: { next: () => clouds.next().value },
  rate: 10,
  duration: Number(seconds),
  signal: stop.signal,
  log: createLogger(),
});
console.log(`${report.framesAcked} of ${report.framesSent} frames arrived`);
if (report.failure !== undefined) console.error(report.failure);
Deno.exit(report.failure === undefined ? 0 : 1);
