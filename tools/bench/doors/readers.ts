/**
 * Readers of the doors bench, many in one process: tools of the Foxglove
 * protocol, or readers of frames by HTTP, which look at the times of clouds and
 * at nothing else. Arguments: the server's URL, `foxglove` or `http`, readers,
 * seconds to warm up, and to measure. It says `begun` on standard error, and
 * then a report.
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  FRAMES_MEDIA_TYPE,
  LENGTH_BYTES,
} from "../../../lib/wire/framed_messages.ts";
import { ByteStream } from "../../../lib/sources/byte_stream.ts";
import { readChunkHeader } from "../../../lib/wire/frame.ts";
import { quantile } from "../transport/statistics.ts";

/** What came to all readers. */
export interface ReadersReport {
  seconds: number;
  clouds: number;
  bytes: number;
  /** From capture to here, milliseconds. */
  latency: { median: number; p95: number };
}

/** Opcode of a message of a channel, and bytes before its data. */
const MESSAGE = 1;
const MESSAGE_HEADER_BYTES = 13;
/** Where CDR has the seconds of a header's stamp. */
const STAMP_AT = MESSAGE_HEADER_BYTES + 4;

const latencies: number[] = [];
let bytes = 0;

function took(captureTime: number, size: number): void {
  latencies.push(Date.now() - captureTime);
  bytes += size;
}

async function openTool(url: string): Promise<void> {
  const socket = new WebSocket(
    new URL("/foxglove", url.replace(/^http/, "ws")),
    "foxglove.websocket.v1",
  );
  socket.binaryType = "arraybuffer";
  const subscribed = Promise.withResolvers<void>();
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (typeof data === "string") {
      const { op, channels = [] } = JSON.parse(data);
      if (op !== "advertise") return;
      for (const { id, schemaName } of channels) {
        if (schemaName !== "sensor_msgs/msg/PointCloud2") continue;
        const subscriptions = [{ id, channelId: id }];
        socket.send(JSON.stringify({ op: "subscribe", subscriptions }));
        subscribed.resolve();
      }
      return;
    }
    const view = new DataView(data);
    if (view.getUint8(0) !== MESSAGE) return;
    const seconds = view.getInt32(STAMP_AT, true);
    const nanoseconds = view.getUint32(STAMP_AT + 4, true);
    took(1000 * seconds + nanoseconds / 1e6, data.byteLength);
  };
  await subscribed.promise;
}

async function openBody(url: string): Promise<void> {
  const sessions = await (await fetch(`${url}/sessions`)).json();
  const [{ id }] = sessions;
  const { body } = await fetch(`${url}/sessions/${id}/points.npys`, {
    headers: { accept: FRAMES_MEDIA_TYPE },
  });
  void read(new ByteStream(body!));
}

async function read(stream: ByteStream): Promise<void> {
  while (await stream.has(LENGTH_BYTES)) {
    const { buffer } = await stream.take(LENGTH_BYTES);
    const length = new DataView(buffer).getUint32(0, true);
    if (!await stream.has(length)) return;
    const message = await stream.take(length);
    if (message[0] === "{".charCodeAt(0)) continue;
    took(readChunkHeader(message).captureTime, length);
  }
}

if (import.meta.main) {
  const [url, kind, count, warmUp, measured] = Deno.args;
  for (let i = 0; i < Number(count); i++) {
    await (kind === "foxglove" ? openTool(url) : openBody(url));
  }
  await delay(1000 * Number(warmUp));
  latencies.length = bytes = 0;
  const begun = performance.now();
  console.error("begun");
  await delay(1000 * Number(measured));
  const report: ReadersReport = {
    seconds: (performance.now() - begun) / 1000,
    clouds: latencies.length,
    bytes,
    latency: {
      median: quantile(latencies, 0.5),
      p95: quantile(latencies, 0.95),
    },
  };
  console.error(JSON.stringify(report));
  Deno.exit(0);
}
