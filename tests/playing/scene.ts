/** A server and those who publish to it, in one process, over loopback. */
import { createLogger } from "../../lib/log.ts";
import type { WatchOptions } from "../../lib/playing/watch.ts";
import type { WatchedSession } from "../../lib/playing/watched_session.ts";
import { type PointCloud, pointCloud } from "../../lib/points/cloud.ts";
import type { PublishOptions } from "../../lib/publishing/publish.ts";
import type { PointServer } from "../../lib/serving/point_server.ts";
import type { PointSource } from "../../lib/sources/source.ts";

export const log = createLogger({ write: () => {} });
const FIELDS = ["x", "y", "z", "intensity"];

/** The cloud of a number: none is like another. */
export function cloudOf(number: number, points = 2_000): PointCloud {
  const values = Float32Array.from(
    { length: points * FIELDS.length },
    (_, i) => number * 10_000 + i / 8,
  );
  return pointCloud(values, FIELDS);
}

/** A source that gives a cloud when a test says so. */
class ManualSource implements PointSource {
  #given = 0;
  #allowed = Promise.withResolvers<void>();
  #count = 0;
  #over = false;

  /** Has the next clouds sent. */
  send(count: number): void {
    this.#count += count;
    this.#allowed.resolve();
  }

  /** There are no more. */
  end(): void {
    this.#over = true;
    this.#allowed.resolve();
  }

  async next(): Promise<PointCloud | undefined> {
    while (this.#given === this.#count && !this.#over) {
      await this.#allowed.promise;
      this.#allowed = Promise.withResolvers();
    }
    return this.#given < this.#count ? cloudOf(this.#given++) : undefined;
  }
}

/** One that publishes. */
export interface Publisher extends AsyncDisposable {
  source: ManualSource;
  /** Ends the publishing. */
  stop(): Promise<void>;
}

/** A server, and one that publishes to it. */
export interface Scene extends Publisher {
  server: PointServer;
  watch(options?: Partial<WatchOptions>): Promise<WatchedSession>;
}

/** Starts a server on a free port of loopback. */
export async function startServer(
  options: Partial<Parameters<typeof PointServer.listen>[0]> = {},
): Promise<PointServer> {
  const { PointServer } = await import("../../lib/serving/point_server.ts");
  const hostname = "127.0.0.1";
  return PointServer.listen({ hostname, port: 0, log, ...options });
}

/** Starts a server, and waits until a publisher is connected. */
export async function startScene(
  options: Partial<PublishOptions> = {},
): Promise<Scene> {
  const { watch } = await import("../../lib/playing/watch.ts");
  await using cleanup = new AsyncDisposableStack();
  const server = cleanup.use(await startServer());
  const publisher = cleanup.use(await startPublisher(server, options));
  const rest = cleanup.move();
  return {
    ...publisher,
    server,
    watch: (options) => watch({ server: server.url, log, ...options }),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** Starts a publisher, and waits until it is connected. */
export async function startPublisher(
  server: PointServer,
  options: Partial<PublishOptions> = {},
): Promise<Publisher> {
  const { publish } = await import("../../lib/publishing/publish.ts");
  const source = new ManualSource();
  const life = new AbortController();
  const connected = Promise.withResolvers<void>();
  using _ = server.host.subscribe({ onConnected: () => connected.resolve() });
  const published = publish({
    signaling: `${server.url}/offer`,
    source,
    rate: 0,
    duration: 0,
    reconnectFor: 0,
    signal: life.signal,
    log,
    ...options,
  });
  const stop = async () => {
    life.abort();
    source.end();
    await published.catch((error) => {
      // It has hardly begun.
      if (error !== life.signal.reason) throw error;
    });
  };
  await connected.promise;
  return { source, stop, [Symbol.asyncDispose]: stop };
}
