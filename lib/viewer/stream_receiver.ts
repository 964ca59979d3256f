/** What comes on the data channel of one stream. */
import { StreamMessages, type StreamSinks } from "./stream_messages.ts";

/**
 * Receives a stream until its channel is closed. It is called as its server
 * says, or else as the channel's label.
 *
 * @returns what the server said at the end, if it said something; never for a
 * stream that isn't wanted.
 */
export function receiveStream(
  channel: RTCDataChannel,
  sinks: StreamSinks,
): Promise<{ bye: string | undefined }> {
  channel.binaryType = "arraybuffer";
  const messages = new StreamMessages(channel.label, sinks);
  return new Promise((resolve) => {
    channel.addEventListener("close", () => {
      messages.end();
      if (!messages.isUnwanted) resolve({ bye: undefined });
    });
    channel.addEventListener("message", ({ data }) => {
      const bye = messages.take(data);
      if (messages.isUnwanted) channel.close();
      if (bye !== undefined) resolve({ bye });
    });
  });
}
