/** A recorder, and feeds that a test fills. */
import { createLogger } from "../../lib/log.ts";
import type { PointCloud } from "../../lib/points/cloud.ts";
import type { FrameCodec } from "../../lib/points/codec.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { Recorder } from "../../lib/recording/recorder.ts";
import type { RecordingOptions } from "../../lib/recording/recording_options.ts";
import { Feed } from "../../lib/session/feed.ts";
import type { EncodedFrame } from "../../lib/wire/frame.ts";

export function openRecorder(options: RecordingOptions) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    format: "json",
    write: (line) => lines.push(JSON.parse(line)),
  });
  return { recorder: new Recorder(options, log), lines };
}

/** Begins to record a session; `end` ends it. */
export function record(recorder: Recorder, name: string) {
  const feed = new Feed();
  const { promise: closed, resolve: end } = Promise.withResolvers<string>();
  const start = "2026-11-30T01:02:03.456Z";
  const session = { id: `id-${name}`, name, start };
  recorder.start(session, { id: session.id, feed, closed, endCode: undefined });
  return { feed, end: () => end("it is over") };
}

/** A frame as it comes from the wire. */
export function frameOf(
  cloud: PointCloud,
  info: Partial<EncodedFrame> = {},
  encodedAs: FrameCodec = "raw",
): EncodedFrame {
  const { codec, bytes } = createEncoder(encodedAs).encode(cloud);
  const { fields, stride, width, height, points } = cloud;
  return {
    ...{ number: 0, stream: "points", captureTime: Date.now() },
    ...{ codec, fields, stride, width, height, points },
    bytes: bytes.slice(),
    ...info,
  };
}
