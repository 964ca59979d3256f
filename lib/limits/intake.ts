import type { HeldBytes } from "./held_bytes.ts";

/** What a connection tells of its peer to who holds it to its limits. */
export interface Intake {
  /** What the peer makes this side hold. */
  readonly held: HeldBytes;
  /** Notes a packet of the peer's, of whatever use: so many bytes. */
  arrived(bytes: number): void;
  /** Notes messages of the peer's that came whole, before they are read. */
  delivered(messages: number): void;
}
