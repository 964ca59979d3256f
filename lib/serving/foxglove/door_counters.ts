import type { ChannelMessage } from "./channel_message.ts";

/** What the door counts, for metrics. */
export class DoorCounters {
  /** Clients that are connected. */
  clients = 0;
  /** Messages of channels that were sent. */
  messages = 0;
  /** Bytes of them. */
  bytes = 0;
  /** Messages that a client was too slow for. */
  dropped = 0;
  /** Clouds that could not be converted. */
  failures = 0;

  /** Counts a message that one client was sent. */
  onSent({ bytes, forwarded }: ChannelMessage): void {
    this.messages++;
    this.bytes += bytes.length;
    if (forwarded === undefined) return;
    forwarded.framesSent++;
    forwarded.bytesSent += bytes.length;
  }

  /** Counts a message that one client isn't sent. */
  onDropped({ forwarded }: ChannelMessage): void {
    this.dropped++;
    if (forwarded !== undefined) forwarded.framesDropped++;
  }
}
