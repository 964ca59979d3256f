/** Scans the synthetic hall and encodes it, away from the page's thread. */
import { CloudiniEncoder } from "../points/cloudini/mod.ts";
import { lidarSource } from "../sources/synthetic/lidar.ts";
import type {
  EncodedScan,
  ToScanWorker,
  WorkerScope,
} from "./worker_messages.ts";

const scope = self as unknown as WorkerScope<ToScanWorker, EncodedScan>;

scope.onmessage = ({ data: { points, rate } }) => {
  const source = lidarSource(points);
  // A browser has no zstd compressor that it could take here.
  const encoder = new CloudiniEncoder({
    compression: "none",
    resolution: 0.001,
    resolutions: { intensity: 0.01 },
  });
  let number = 0;
  const scan = () => {
    const captureTime = Date.now();
    const cloud = source.next(number, number / rate);
    const { codec, bytes } = encoder.encode(cloud);
    const copy = bytes.slice();
    scope.postMessage(
      { number, codec, points, captureTime, bytes: copy },
      [copy.buffer],
    );
    number++;
  };
  scan();
  setInterval(scan, 1000 / rate);
};
