/** What this browser says of the video that it can decode, and that it did. */
import type { VideoCounts } from "./video_support.ts";

/** Lists the types of video that this browser decodes, as `video/VP8`. */
export function decodableVideo(): string[] {
  const { codecs = [] } = RTCRtpReceiver.getCapabilities("video") ?? {};
  return codecs.map(({ mimeType }) => mimeType);
}

/** How often the browser's counts are read, milliseconds. */
const COUNT_MS = 1_000;

/** Calls `onCounts` with what came of a connection's video, until it aborts. */
export function countVideo(
  connection: RTCPeerConnection,
  onCounts: (counts: VideoCounts) => void,
  signal: AbortSignal,
): void {
  const timer = setInterval(async () => {
    const counts = { received: 0, decoded: 0 };
    for (const stats of (await connection.getStats()).values()) {
      if (stats.type !== "inbound-rtp" || stats.kind !== "video") continue;
      const { framesReceived = 0, framesDecoded = 0 } = stats;
      counts.received += framesReceived;
      counts.decoded += framesDecoded;
    }
    if (signal.aborted || counts.received === 0) return;
    onCounts(counts);
  }, COUNT_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
