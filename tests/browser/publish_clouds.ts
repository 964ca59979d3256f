/** Clouds that a test makes, on a real server. */
import { createLogger } from "../../lib/log.ts";
import type { PointCloud } from "../../lib/points/cloud.ts";
import { RawEncoder } from "../../lib/points/raw/codec.ts";
import { publish, type PublishOptions } from "../../lib/publishing/publish.ts";
import type { SourceCloud } from "../../lib/sources/source.ts";

/** Publishes clouds, as they are, until the end of the scope. */
export function publishClouds(
  server: { url: string },
  next: (frame: number) => PointCloud,
  rate = 4,
): AsyncDisposable {
  const encoder = new RawEncoder("f32");
  return start(server, { source: { next }, encoder, rate });
}

/** Publishes streams of clouds by their names, until the end of the scope. */
export function publishStreams(
  server: { url: string },
  streams: Record<string, (frame: number) => SourceCloud>,
  { rate = 5, name }: { rate?: number; name?: string } = {},
): AsyncDisposable {
  return start(server, {
    name,
    adaptive: false,
    streams: Object.entries(streams).map(([name, next]) => ({
      ...{ name, source: { next }, rate },
    })),
  });
}

/** What is published, by what `PublishOptions` says of it. */
type Published<Options = PublishOptions> = Options extends unknown
  ? Omit<Options, "signaling" | "signal" | "log">
  : never;

function start(
  server: { url: string },
  published: Published,
): AsyncDisposable {
  const stop = new AbortController();
  const done = publish({
    ...published,
    signaling: `${server.url}/offer`,
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
