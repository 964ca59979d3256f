/** What the pages of the bench are asked, and what they answer. */

/** One look at the statistics, once a second. */
export interface Second {
  /** Milliseconds of the page's clock. */
  at: number;
  bytesReceived: number;
}

/** One whole frame of points. */
export interface PointsFrame {
  /** Milliseconds of the page's clock. */
  at: number;
  /** From its capture until it was here, milliseconds. */
  latencyMs: number;
  points: number;
}

/** The members of W3C's RTCInboundRtpStreamStats that are read. */
export const INBOUND_NAMES = [
  "packetsLost",
  "bytesReceived",
  "nackCount",
  "pliCount",
  "framesDecoded",
  "framesDropped",
  "keyFramesDecoded",
  "totalFreezesDuration",
  "concealedSamples",
  "silentConcealedSamples",
  "totalSamplesReceived",
] as const;

/** Those that there were, all streams together. */
export type InboundStats = Partial<
  Record<typeof INBOUND_NAMES[number], number>
>;

/** All that a watcher measured. */
export interface WatcherReading {
  /** When this was read, milliseconds of the page's clock, as all times. */
  now: number;
  /** When its offer, or its answer, was ready. */
  describedAt: number;
  /** When the picture changed. */
  frameTimes: number[];
  /** Frames that were shown: two may come before the screen is drawn again. */
  framesPresented: number;
  seconds: Second[];
  video: InboundStats;
  audio: InboundStats;
  points: PointsFrame[];
}

export interface WatcherSettings {
  /** Whether it watches the points too. */
  points: boolean;
  codec: "VP8" | "H264";
}

/** A page that watches. */
export interface WatcherPage {
  /** Makes an offer that watches, with all candidates. */
  offer(settings: WatcherSettings): Promise<string>;
  accept(answer: string): Promise<void>;
  /** Answers another page's offer. */
  answer(offer: string): Promise<string>;
  /** Tells whether a frame of the picture was shown. */
  hasPicture(): boolean;
  read(): Promise<WatcherReading>;
}

export interface PublisherSettings {
  width: number;
  height: number;
  /** Frames a second. */
  rate: number;
  codec: "VP8" | "H264";
  /** Most bits a second of the video. */
  maxBitrate: number;
}

/** A page that publishes. */
export interface PublisherPage {
  /** Makes an offer of camera and microphone, with all candidates. */
  offer(settings: PublisherSettings): Promise<string>;
  accept(answer: string): Promise<void>;
}

/** Under these names they are in their windows. */
export interface PageGlobal {
  watcher: WatcherPage;
  publisher: PublisherPage;
}
