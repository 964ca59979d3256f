/** Clouds that a test makes, on a real server. */
import { createLogger } from "../../lib/log.ts";
import type { PointCloud } from "../../lib/points/cloud.ts";
import { RawEncoder } from "../../lib/points/raw/codec.ts";
import { publish } from "../../lib/publishing/publish.ts";

/** Publishes clouds, as they are, until the end of the scope. */
export function publishClouds(
  server: { url: string },
  next: (frame: number) => PointCloud,
  rate = 4,
): AsyncDisposable {
  const stop = new AbortController();
  const done = publish({
    signaling: `${server.url}/offer`,
    source: { next },
    encoder: new RawEncoder("f32"),
    rate,
    signal: stop.signal,
    log: createLogger({ level: "error" }),
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}
