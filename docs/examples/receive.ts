/**
 * Receives points in a program of its own: a server, and what it does with each
 * cloud. Publishers and pages find the rest of pointwire there too.
 *
 *     deno run -A docs/examples/receive.ts
 *     deno task client --source lidar --duration 0     # in another terminal
 */
import {
  createLogger,
  PointServer,
  toFloat32,
} from "@pointwire/pointwire/server";

const log = createLogger();
await using server = PointServer.listen({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0] ?? 8080),
  log,
  // Called for each session, with its id.
  events: () => ({
    onCloud(cloud, { number, captureTime }) {
      // Its bytes are valid until the next cloud comes. column(cloud, "ring")
      // gives one field in its own type.
      const values = toFloat32(cloud, ["x", "y", "z"]);
      let farthest = 0;
      for (let i = 0; i < values.length; i += 3) {
        const distance = Math.hypot(values[i], values[i + 1], values[i + 2]);
        if (distance > farthest) farthest = distance;
      }
      const names = cloud.fields.map(({ name }) => name).join(" ");
      const late = Date.now() - captureTime;
      console.log(
        `frame ${number}: ${cloud.points} points of ${names}, ` +
          `the farthest at ${farthest.toFixed(1)} m, ${late.toFixed(0)} ms old`,
      );
    },
  }),
});
log.info("listening", { url: server.url });
await server.finished;
