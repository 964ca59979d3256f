/**
 * Watches the newest session of a server, or the one that is named, until it
 * ends. `follow()` in place of `watch()` goes on with the next one.
 *
 *     deno task server
 *     deno task client --source lidar --duration 10    # in another terminal
 *     deno run -A docs/examples/watch.ts               # in a third
 */
import { NoSessionError, toFloat32, watch } from "@pointwire/pointwire/watch";

const [server = "http://localhost:8080", session] = Deno.args;
try {
  await using watched = await watch({ server, session });
  console.log(`watching ${watched.id}`);
  // A loop that is slower than the stream gets the newest cloud each time.
  for await (const { cloud, frame } of watched) {
    const first = toFloat32(cloud).subarray(0, cloud.fields.length).join(" ");
    const { number, points } = frame;
    console.log(`frame ${number}: ${points} points, the first ${first}`);
  }
  const { code, reason } = await watched.ended;
  console.log(`ended (${code}): ${reason}`);
} catch (error) {
  if (!(error instanceof NoSessionError)) throw error;
  console.log(error.message);
  Deno.exitCode = 1;
}
