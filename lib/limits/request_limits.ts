/** What may be asked of the server by HTTP: plain data. */
export interface RequestLimits {
  /** Sessions in all, connected or not yet. @default {250} */
  sessions: number;
  /** The same of one address. @default {100} */
  sessionsPerAddress: number;
  /** Sessions of one address that are not connected yet. @default {64} */
  connectingPerAddress: number;
  /**
   * Offers (`POST`) of one address, a second on average; six seconds' worth may
   * come at once. @default {10}
   */
  offersPerSecond: number;
  /** Watchers of one session. @default {100} */
  watchers: number;
  /** Watchers of one address, of any session. @default {100} */
  watchersPerAddress: number;
  /** Event streams (`GET /events`) of one address. @default {100} */
  eventStreamsPerAddress: number;
  /** Tools that are connected to `GET /foxglove`. @default {100} */
  foxgloveClients: number;
  /** The same of one address. @default {50} */
  foxgloveClientsPerAddress: number;
}

/** Seconds of offers that may come at once. */
export const OFFER_BURST_S = 6;

export const DEFAULT_REQUEST_LIMITS: RequestLimits = {
  sessions: 250,
  sessionsPerAddress: 100,
  connectingPerAddress: 64,
  offersPerSecond: 10,
  watchers: 100,
  watchersPerAddress: 100,
  eventStreamsPerAddress: 100,
  foxgloveClients: 100,
  foxgloveClientsPerAddress: 50,
};

/** Largest body of an offer, bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** Time for the whole body of an offer, milliseconds. */
export const BODY_TIMEOUT_MS = 10_000;

/**
 * Most lines of an offer's SDP: those of a browser with sixteen cameras are
 * 2,900 at most.
 */
export const MAX_SDP_LINES = 4096;

/**
 * Most lines of a kind that an offer may have. Of each media section and each
 * candidate werift makes much: 800 sections keep it, and every other session,
 * waiting for a minute.
 */
export const MAX_SDP_SECTIONS = 64;
export const MAX_SDP_CANDIDATES = 256;
