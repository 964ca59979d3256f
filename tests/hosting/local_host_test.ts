import { assertEquals } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import type { MediaFrame } from "../../lib/media/frame.ts";
import { peerTest } from "../transport/pair.ts";
import { publish } from "./callers.ts";

peerTest("A host calls the program's events", async () => {
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  const frames = Promise.withResolvers<MediaFrame>();
  const numbers = Promise.withResolvers<number>();
  const clouds = Promise.withResolvers<number>();
  const closed = Promise.withResolvers<string>();

  /** Events whose methods need their object. */
  class Events {
    readonly #clouds = clouds;
    onCloud({ points }: { points: number }): void {
      this.#clouds.resolve(points);
    }
    onFrame({ number }: { number: number }): void {
      numbers.resolve(number);
    }
    onMediaFrame(frame: MediaFrame): void {
      frames.resolve(frame);
    }
  }
  const host = new LocalHost({
    log: createLogger({ write: () => {} }),
    events: () => new Events(),
  });
  host.subscribe({ onClosed: ({ id }) => closed.resolve(id) });
  await using publisher = await publish(host);
  publisher.sendFrame(0, 7);
  assertEquals([await numbers.promise, await clouds.promise], [0, 7]);
  publisher.sendPacket(1);
  const { width, height } = await frames.promise;
  assertEquals([width, height], [320, 240]);

  const { id } = publisher.answered;
  await host.close("the server stopped");
  assertEquals(await closed.promise, id);
});
