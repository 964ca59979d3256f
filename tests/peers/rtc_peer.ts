/// <reference lib="dom" />
/**
 * What the peers do that have the W3C's RTCPeerConnection: libwebrtc, and a page
 * in Firefox, where this runs too.
 */

export type Fields = Record<string, unknown>;

/** What is sent, and for how long. */
export interface SentMedia {
  tracks: MediaStreamTrack[];
  /** Sends it all. */
  run(): Promise<void>;
}

export interface PublishOptions {
  /** Clouds to send; 0 opens no data channel. */
  clouds: number;
  points: number;
}

export interface WatchReport {
  frames: { audio: number; video: number };
  /** Width and height of the newest picture, pixels. */
  size: [number, number];
  /** Number, points and CRC-32 of each. */
  clouds: [number: number, points: number, sum: number][];
  errors: string[];
}

/** The header of a pointwire.v1 message: docs/wire.md. */
const HEADER_BYTES = 24;
const CLOUD_PERIOD_MS = 100;
/** Between two looks at whether DTLS is closed. */
const DTLS_PERIOD_MS = 200;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

/** Does something so often, at its pace. */
export async function repeat(
  count: number,
  periodMs: number,
  body: (index: number) => void,
): Promise<void> {
  const started = performance.now();
  for (let index = 0; index < count; index++) {
    await pause(started + index * periodMs - performance.now());
    body(index);
  }
}

/** A peer that speaks WHIP or WHEP, and tells what happens. */
export class RtcPeer {
  /** Settles when it is over, with what told it so, if it was the other side. */
  readonly over: Promise<string | null>;
  readonly #peer: RTCPeerConnection;
  readonly #tell: (message: string, fields?: Fields) => void;
  readonly #over = Promise.withResolvers<string | null>();

  constructor(
    peer: RTCPeerConnection,
    tell: (message: string, fields?: Fields) => void,
  ) {
    this.#peer = peer;
    this.#tell = tell;
    this.over = this.#over.promise;
  }

  end(by: string | null): void {
    this.#tell("ended", { by });
    this.#over.resolve(by);
  }

  /** Sends all that it has to. @returns the URL of what was made. */
  async publish(
    url: string,
    media: SentMedia,
    { clouds, points }: PublishOptions,
  ): Promise<string> {
    const senders = media.tracks.map((track) => this.#peer.addTrack(track));
    // As the original's: of no protocol.
    const channel = clouds > 0
      ? this.#peer.createDataChannel("data")
      : undefined;
    const opened = new Promise<void>((resolve) => {
      if (channel === undefined) resolve();
      else channel.onopen = () => resolve();
    });
    const location = await this.#connect(url);
    await opened;
    await Promise.all([
      media.run(),
      repeat(
        clouds,
        CLOUD_PERIOD_MS,
        (index) => channel!.send(makeCloud(index, points)),
      ),
    ]);
    await Promise.all(senders.map((sender) => sender.replaceTrack(null)));
    // Encoders and pacer are behind, and don't say by how much.
    let sent = await this.#sent();
    for (let before = ""; before !== JSON.stringify(sent);) {
      before = JSON.stringify(sent);
      await pause(300);
      sent = await this.#sent();
    }
    this.#tell("sent", { ...sent, clouds });
    return location;
  }

  /**
   * Takes what comes.
   *
   * @param show counts the frames of a track.
   * @returns the URL of what was made, and what is counted from then on.
   */
  async watch(
    url: string,
    clouds: number,
    show: (track: MediaStreamTrack, report: WatchReport) => void,
  ): Promise<{ location: string; report: WatchReport }> {
    const report: WatchReport = {
      frames: { audio: 0, video: 0 },
      size: [0, 0],
      clouds: [],
      errors: [],
    };
    this.#peer.addTransceiver("video", { direction: "recvonly" });
    this.#peer.addTransceiver("audio", { direction: "recvonly" });
    this.#peer.ontrack = ({ track }) => {
      track.onended = () => this.end("track ended");
      show(track, report);
    };
    if (clouds > 0) this.#receiveClouds(clouds, report);
    return { location: await this.#connect(url), report };
  }

  #receiveClouds(due: number, { clouds, errors }: WatchReport): void {
    const channel = this.#peer.createDataChannel("points", {
      protocol: "pointwire.v1",
    });
    channel.binaryType = "arraybuffer";
    let next = 0;
    let sum = 0;
    channel.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => {
      if (typeof data === "string") {
        if (JSON.parse(data).type === "bye") this.end("bye");
        return;
      }
      const view = new DataView(data);
      const version = view.getUint8(0);
      const chunk = view.getUint16(12, true);
      if (version !== 1 || chunk !== next) {
        errors.push(`version ${version}, chunk ${chunk}`);
        return;
      }
      const body = new Uint8Array(data, HEADER_BYTES);
      sum = crc32(body, chunk > 0 ? sum : 0);
      next = (chunk + 1) % view.getUint16(14, true);
      if (next > 0) return;
      clouds.push([view.getUint32(4, true), view.getUint32(8, true), sum]);
      if (clouds.length === due) this.#tell("clouds", { count: due });
    };
  }

  async #connect(url: string): Promise<string> {
    const peer = this.#peer;
    const gathered = new Promise<void>((resolve) => {
      peer.onicegatheringstatechange = () => {
        if (peer.iceGatheringState === "complete") resolve();
      };
    });
    const connected = new Promise<void>((resolve) => {
      peer.onconnectionstatechange = () => {
        const state = peer.connectionState;
        this.#tell("connection", { state });
        if (state === "connected") resolve();
        if (state === "failed" || state === "closed") {
          this.end(`connection ${state}`);
        }
      };
    });
    await peer.setLocalDescription(await peer.createOffer());
    await gathered;
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/sdp" },
      body: peer.localDescription!.sdp,
    });
    const sdp = await response.text();
    if (response.status !== 201) throw new Error(`${response.status}: ${sdp}`);
    await peer.setRemoteDescription({ type: "answer", sdp });
    this.#watchDtls();
    const location = new URL(response.headers.get("location")!, url).href;
    this.#tell("answered", { location });
    await connected;
    return location;
  }

  /**
   * Looks whether DTLS is closed: the connection says nothing of it, or that it
   * is connected, and the transports of @roamhq/wrtc forget their listeners.
   */
  #watchDtls(): void {
    const timer = setInterval(() => {
      const closed = this.#peer.getReceivers()
        .some(({ transport }) => transport?.state === "closed");
      if (closed) this.end("DTLS closed");
    }, DTLS_PERIOD_MS);
    void this.over.then(() => clearInterval(timer));
  }

  /** Frames sent so far, by kind. */
  async #sent(): Promise<Fields> {
    const counts: Fields = {};
    for (const stats of (await this.#peer.getStats()).values()) {
      if (stats.type !== "outbound-rtp") continue;
      // A packet of Opus is a frame.
      const name = stats.kind === "video" ? "framesSent" : "packetsSent";
      counts[stats.kind] = stats[name];
    }
    return counts;
  }
}

/** Whole numbers that count up from the frame's. */
function makeCloud(number: number, points: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: points * 3 }, (_, i) => number + i);
}

/** ISO 3309's, as zlib has it: a page has none. */
function crc32(bytes: Uint8Array, before: number): number {
  let sum = ~before;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      sum = sum >>> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
  }
  return ~sum >>> 0;
}
