import type { TimedCloud } from "../source.ts";

/** What was wrong with the packets of a sensor; each counts up. */
export interface PacketCounts {
  /** Packets that never came, by the sensor's own numbers. */
  lost: number;
  /** Packets that came and could not be used. */
  refused: number;
}

/** Turns a sensor's packets into scans. */
export interface PacketDecoder {
  readonly counts: Readonly<PacketCounts>;
  /** Why a packet was refused last; a sentence, for a log line. */
  readonly reason?: string;
  /**
   * Takes the payload of one UDP packet, which may be anything: it is checked,
   * and what is wrong is counted. The bytes are the caller's again afterwards.
   *
   * @param receivedAt milliseconds since the Unix epoch.
   * @returns the scan that it completes, if any.
   */
  push(payload: Uint8Array, receivedAt: number): TimedCloud | undefined;
  /**
   * Gives what has come of the scan that isn't complete, at the end of a
   * recording, and forgets it: packets of another round may follow.
   */
  end(): TimedCloud | undefined;
}

/** What a decoder is made with. */
export interface DecoderOptions {
  /**
   * What the sensor says of itself, as JSON has it: Ouster's metadata, without
   * which its packets can't be read.
   */
  metadata?: unknown;
}

/** A make of sensors. */
export interface LidarMake {
  /** As `--source NAME:PORT` has it. */
  readonly name: "ouster" | "velodyne" | "livox" | "hesai";
  /** The UDP port that its sensors send to where nobody says another. */
  readonly defaultPort: number;
  /** Whether its packets can't be read without `metadata`. */
  readonly needsMetadata?: boolean;
  /**
   * Tells whether a payload is a packet of points from one of its sensors, by
   * size and magic; cheap, as it is asked of each packet of a capture.
   *
   * @param port the UDP port that it was sent to.
   */
  recognizes(payload: Uint8Array, port: number): boolean;
  /**
   * Makes a decoder for the packets of one sensor.
   *
   * @throws {SourceError} for metadata that can't be used.
   */
  createDecoder(options?: DecoderOptions): PacketDecoder;
}
