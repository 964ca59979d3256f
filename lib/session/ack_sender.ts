import { type FrameInfo, POINTS_PROTOCOL } from "../wire/frame.ts";
import type { FrameLimits, ServerMessage } from "../wire/messages.ts";

/** Least time between two acknowledgements: 4 a second. */
const INTERVAL_MS = 250;

/**
 * Acknowledges frames to their sender: at once where the last message is long
 * enough ago, else when it is, so that the newest frame is always acknowledged.
 */
export class AckSender implements Disposable {
  readonly #sendText: (text: string) => void;
  #frames = 0;
  #checksums: [number: number, checksum: number][] = [];
  #newest: { number: number; points: number; receivedAt: number } | undefined;
  #lastSent = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sendText: (text: string) => void) {
    this.#sendText = sendText;
  }

  /** Answers the opened channel: its protocol is spoken here. */
  hello(limits?: FrameLimits): void {
    this.#send({
      type: "hello",
      protocol: POINTS_PROTOCOL,
      ...(limits && { limits }),
    });
  }

  /** Takes note of a whole frame, with its checksum where one was asked for. */
  received({ number, points }: FrameInfo, checksum?: number): void {
    this.#frames++;
    this.#newest = { number, points, receivedAt: Date.now() };
    if (checksum !== undefined) this.#checksums.push([number, checksum]);
    if (this.#timer !== undefined) return;
    const wait = this.#lastSent + INTERVAL_MS - performance.now();
    if (wait <= 0) this.#acknowledge();
    else this.#timer = setTimeout(() => this.#acknowledge(), wait);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #acknowledge(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#lastSent = performance.now();
    const { number, points, receivedAt } = this.#newest!;
    const checksums = this.#checksums.splice(0);
    this.#send({
      type: "ack",
      frame: number,
      points,
      frames: this.#frames,
      receivedAt,
      heldMs: Date.now() - receivedAt,
      ...(checksums.length > 0 ? { checksums } : {}),
    });
  }

  #send(message: ServerMessage): void {
    this.#sendText(JSON.stringify(message));
  }
}
