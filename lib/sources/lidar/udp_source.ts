import type { Logger } from "../../log.ts";
import { SourceError } from "../errors.ts";
import { reasonOf } from "../file_list.ts";
import type { PointSource, TimedCloud } from "../source.ts";
import type { LidarMake, PacketDecoder } from "./packet_decoder.ts";
import { PacketReport } from "./packet_report.ts";
import { ScanQueue } from "./scan_queue.ts";

/** Options of {@linkcode udpSource}. */
export interface UdpSourceOptions {
  make: LidarMake;
  /** What the sensor sends to. */
  port: number;
  metadata?: unknown;
  /**
   * The sensor's address. @default {the first from which its packets come; the
   * next one once that is silent}
   */
  from?: string;
  log: Logger;
}

/** The largest UDP payload. */
const MAX_PAYLOAD_BYTES = 65_535;
/** Silence after which another sensor may take the place of the one before. */
const SILENCE_MS = 3_000;
/** Time without a packet after which the log says so. */
const NOTHING_YET_MS = 5_000;

/**
 * Makes a source of the scans that a sensor sends to a UDP port.
 *
 * @throws {SourceError} where the port can't be had, or the metadata can't be
 * used.
 */
export function udpSource(options: UdpSourceOptions): PointSource {
  const { make, metadata, port } = options;
  const decoder = make.createDecoder({ metadata });
  return new UdpSource(options, decoder, listen(port));
}

function listen(port: number): Deno.DatagramConn {
  try {
    return Deno.listenDatagram({
      transport: "udp",
      hostname: "0.0.0.0",
      port,
    });
  } catch (error) {
    throw new SourceError(
      `UDP port ${port} can't be listened on: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

class UdpSource implements PointSource {
  readonly pace = "source";
  readonly #make: LidarMake;
  readonly #port: number;
  readonly #log: Logger;
  readonly #decoder: PacketDecoder;
  readonly #socket: Deno.DatagramConn;
  readonly #report: PacketReport;
  /** A live scan is worth nothing late. */
  readonly #scans = new ScanQueue(1);
  readonly #fixedFrom?: string;
  #from: string | undefined;
  #heardAt = 0;
  #foreign = 0;
  #unknown = 0;
  #hasScan = false;
  #isClosed = false;
  readonly #nothingYet: ReturnType<typeof setTimeout>;

  constructor(
    { make, port, from, log }: UdpSourceOptions,
    decoder: PacketDecoder,
    socket: Deno.DatagramConn,
  ) {
    this.#make = make;
    this.#port = port;
    this.#fixedFrom = from;
    this.#from = from;
    this.#log = log;
    this.#decoder = decoder;
    this.#socket = socket;
    this.#report = new PacketReport(log);
    this.#nothingYet = setTimeout(() => this.#sayNothing(), NOTHING_YET_MS);
    this.#receive().then(
      () => this.#scans.end(),
      (error) => this.#scans.end(error),
    );
  }

  next(): Promise<TimedCloud | undefined> {
    return this.#scans.next();
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      clearTimeout(this.#nothingYet);
      this.#socket.close();
      this.#scans.close();
    }
    return Promise.resolve();
  }

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(MAX_PAYLOAD_BYTES);
    while (!this.#isClosed) {
      let received;
      try {
        received = await this.#socket.receive(buffer);
      } catch (error) {
        if (this.#isClosed) return;
        throw new SourceError(
          `Packets can't be received on UDP port ${this.#port}: ` +
            reasonOf(error),
          { cause: error },
        );
      }
      const [payload, address] = received;
      this.#take(payload, (address as Deno.NetAddr).hostname);
    }
  }

  #take(payload: Uint8Array, from: string): void {
    clearTimeout(this.#nothingYet);
    const now = performance.now();
    if (!this.#isSensor(from, now)) this.#foreign++;
    else if (!this.#make.recognizes(payload, this.#port)) this.#unknown++;
    else this.#decode(payload, { from, now });
    const { lost, refused } = this.#decoder.counts;
    this.#report.update({
      lost,
      refused: refused + this.#unknown,
      foreign: this.#foreign,
    }, {
      port: this.#port,
      why: refused > 0
        ? this.#decoder.reason
        : this.#unknown > 0
        ? `it is no packet of ${this.#make.name}`
        : undefined,
    });
  }

  /** One sensor is listened to at a time; scans of two would mix. */
  #isSensor(from: string, now: number): boolean {
    if (this.#from === undefined || this.#from === from) return true;
    return this.#fixedFrom === undefined && now - this.#heardAt > SILENCE_MS;
  }

  #decode(
    payload: Uint8Array,
    { from, now }: { from: string; now: number },
  ): void {
    const { refused } = this.#decoder.counts;
    const scan = this.#decoder.push(payload, Date.now());
    // Who sends what can't be used doesn't keep the sensor out.
    if (this.#decoder.counts.refused > refused) return;
    this.#from = from;
    this.#heardAt = now;
    if (scan === undefined) return;
    if (!this.#hasScan) this.#sayFirst(scan, from);
    this.#scans.push(scan);
  }

  #sayFirst({ cloud }: TimedCloud, from: string): void {
    this.#hasScan = true;
    const { width, height } = cloud;
    const [make, port] = [this.#make.name, this.#port];
    this.#log.info("lidar sends", { make, from, port, width, height });
  }

  #sayNothing(): void {
    this.#log.warn("nothing came from the lidar yet: does it send here?", {
      make: this.#make.name,
      port: this.#port,
      from: this.#fixedFrom,
    });
  }
}
