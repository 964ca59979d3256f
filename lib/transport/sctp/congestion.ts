/** What one acknowledgement tells a congestion controller. */
export interface AckSample {
  /** Milliseconds on any clock that only goes forwards, as all times here. */
  now: number;
  /** Bytes that it newly says were delivered, with all headers. */
  acked: number;
  /** Bytes that were newly found lost. */
  lost: number;
  /** Most bytes that were in flight as one of the lost was sent; 0 for none. */
  lostInflight: number;
  /** Bytes in flight before it, and after. */
  priorInflight: number;
  inflight: number;
  /** Bytes delivered so far, this acknowledgement included. */
  delivered: number;
  /** What `delivered` was when the newest packet acknowledged was sent. */
  priorDelivered: number;
  /** Round-trip time of the newest packet acknowledged, milliseconds. */
  rtt?: number;
  /** Delivery rate over that packet's flight, bytes a millisecond. */
  rate?: number;
  /** The rate is less than the network's, as there was nothing to send. */
  appLimited: boolean;
}

/** Decides how much may be in flight, and how fast it may leave. Pure. */
export interface CongestionController {
  /** Bytes of a full packet, with all headers. */
  packetBytes: number;
  /** Most bytes in flight, with all headers. */
  readonly window: number;
  /** Bytes a millisecond. */
  readonly pacingRate: number;
  /** Bytes a millisecond that were delivered at the best of late. */
  readonly bandwidth: number;
  /** Whether it has not met the network's limit so far. */
  readonly isStarting: boolean;
  /** A packet is about to be sent after nothing was in flight. */
  onRestart(now: number): void;
  onAck(sample: AckSample): void;
  /** The retransmission timer ran out: all that was in flight is lost. */
  onTimeout(now: number): void;
}
