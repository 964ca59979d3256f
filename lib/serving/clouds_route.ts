import { ConversionError } from "../hosting/frame_converter.ts";
import type { FrameTarget } from "../hosting/frame_targets.ts";
import { createDecoder } from "../points/codecs.ts";
import type { Selection } from "../points/select.ts";
import type { EncodedFrame } from "../wire/frame.ts";
import { FRAMES_MEDIA_TYPE, FramesWriter } from "../wire/framed_messages.ts";
import { pacedBody } from "./paced_body.ts";
import { readSelection } from "./read_selection.ts";
import type { Route, RouteRequest } from "./route.ts";
import { type CloudSources, StreamReading } from "./stream_reading.ts";

/**
 * `GET /sessions/NAME/STREAM.npys`: every cloud of a stream as it comes, one
 * `.npy` file after the other, until the session ends; with `Accept:
 * application/vnd.pointwire.frames` its frames as they came, in the framing of
 * docs/wire.md. `?fields=`, `every` and `box` get a part of each. A reader that
 * is slow gets fewer, the newest.
 */
export function cloudsRoute(sources: CloudSources): Route {
  async function get(request: RouteRequest): Promise<Response> {
    const { headers: asked, method } = request.request;
    const selection = readSelection(request.request.url);
    const areFrames = asked.get("accept")?.includes(FRAMES_MEDIA_TYPE) ?? false;
    const reading = await StreamReading.open(sources, request);
    using life = new DisposableStack();
    life.use(reading);
    const first = await reading.first(true);
    const headers = {
      "content-type": areFrames
        ? FRAMES_MEDIA_TYPE
        : "application/octet-stream",
      "cache-control": "no-store",
      "vary": "Accept",
      "x-content-type-options": "nosniff",
    };
    if (method === "HEAD") return new Response(null, { headers });
    const write = areFrames ? asFrames(selection) : asNpy(selection);
    const over = life.adopt(new AbortController(), (over) => over.abort());
    const signal = AbortSignal.any([reading.signal, over.signal]);
    const parts = clouds(reading, { first, write, signal });
    const kept = life.move();
    const body = pacedBody(parts, { onEnd: () => kept.dispose() });
    return new Response(body, { headers });
  }

  async function* clouds(
    { tap }: StreamReading,
    { first, write, signal }: {
      first: EncodedFrame;
      write: WriteFrame;
      signal: AbortSignal;
    },
  ): AsyncGenerator<Uint8Array, void, void> {
    let frame = first;
    while (true) {
      const bytes = await write(frame);
      using held = bytes && sources.budget.take(bytes.length);
      if (bytes !== undefined && held !== undefined) {
        yield bytes;
        tap.sent(bytes.length);
      } else tap.dropped();
      try {
        frame = await tap.take(signal);
      } catch {
        // The session has ended, or nobody reads any more.
        return;
      }
    }
  }

  function asNpy(selection?: Selection): WriteFrame {
    return (frame) => convert(frame, "npy", selection);
  }

  function asFrames(selection?: Selection): WriteFrame {
    const writer = new FramesWriter();
    const decoder = createDecoder("cloudini");
    return async (frame) => {
      if (selection === undefined) return writer.write(frame);
      const bytes = await convert(frame, "cloudini", selection);
      if (bytes === undefined) return undefined;
      const shape = decoder.inspect(bytes);
      return writer.write({ ...frame, ...shape, codec: "cloudini", bytes });
    };
  }

  async function convert(
    frame: EncodedFrame,
    target: FrameTarget,
    selection?: Selection,
  ): Promise<Uint8Array | undefined> {
    try {
      return await sources.converter.convert(frame, target, selection);
    } catch (error) {
      // The next one may come through.
      if (error instanceof ConversionError) return undefined;
      throw error;
    }
  }

  return {
    pathname: "/sessions/:id/:stream.npys",
    pattern: "/sessions/:id(.+)/:stream([^/]+).npys",
    rights: { GET: "watch" },
    methods: { GET: get },
  };
}

/** Gives nothing for a frame that can't be written now. */
type WriteFrame = (frame: EncodedFrame) => Promise<Uint8Array | undefined>;
