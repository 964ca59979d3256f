import type { CandidateScope } from "./ice/candidates.ts";

/** A STUN or TURN server. */
export interface IceServer {
  /** As RFC 7064 and RFC 7065 have it, such as `turn:example.org:3478`. */
  urls: string;
  /** User for TURN. */
  username?: string;
  /** Password for TURN. */
  credential?: string;
}

/** How a peer connection finds its way through networks: plain data. */
export interface NetworkOptions {
  /** At most one STUN and one TURN server. @default none */
  iceServers?: readonly IceServer[];
  /** `relay` sends through the TURN server alone. @default {"all"} */
  iceTransport?: "all" | "relay";
  /**
   * First and last UDP port; each connection takes one for each address of the
   * machine. @default any free ones
   */
  udpPorts?: readonly [first: number, last: number];
  /** Address to announce in an answer in place of the machine's own. */
  publicAddress?: string;
  /**
   * Kinds of addresses besides public ones that an offer's candidates may have.
   * @default `private`, and `loopback` for an offer that came over loopback
   */
  allowCandidates?: readonly CandidateScope[];
}
