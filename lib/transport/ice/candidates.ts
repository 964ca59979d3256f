/** The ICE candidates in a session description (RFC 8839 section 5.1). */
import { type Description, mapLines } from "../sdp/description.ts";
import { type AddressScope, familyOf, scopeOf } from "./ip_address.ts";

/**
 * Kinds of addresses besides public ones that an offer's candidates may have.
 */
export const CANDIDATE_SCOPES = ["loopback", "link-local", "private"] as const;
/** A kind of addresses besides public ones. */
export type CandidateScope = typeof CANDIDATE_SCOPES[number];

export interface CandidateRules {
  /**
   * Kinds of addresses that are taken, besides public ones.
   * @default `private`, and `loopback` for an offer that came over loopback
   */
  allow?: readonly CandidateScope[];
  /** The offer came over loopback. */
  loopback?: boolean;
}

/** Whether a line of a session description is a candidate. */
export function isCandidate(line: string): boolean {
  return /^a=candidate/i.test(line);
}

/**
 * A candidate's place in its line: what stands before its address, and after
 * it.
 */
const CANDIDATE =
  /^(a=candidate:\S+ \d+ (\S+) \d+ )(\S+)( (\d+) typ (\S+).*)$/i;

/**
 * Takes out of an offer the candidates that this machine must not send to:
 * those of its own network, as far as they aren't allowed, those with a host
 * name, which would be looked up (mDNS names of RFC 8828 too), and those of
 * TCP. The sender's address is still learned from its connectivity checks (RFC
 * 8445 section 7.3.1.3).
 *
 * @throws for a line that is no candidate.
 * @returns the offer, and how many candidates were taken out, by why.
 */
export function filterCandidates(
  offer: Description,
  rules: CandidateRules,
): { offer: Description; ignored: Record<string, number> } {
  const { loopback = false } = rules;
  const allow = rules.allow ??
    (loopback ? ["private", "loopback"] as const : ["private"] as const);
  const ignored: Record<string, number> = {};
  let kept = 0;
  const isTaken = (line: string) => {
    if (!isCandidate(line)) return true;
    const why = whyIgnored(line, allow);
    if (why === undefined) kept++;
    else ignored[why] = (ignored[why] ?? 0) + 1;
    return why === undefined;
  };
  const filtered = mapLines(offer, (lines) => lines.filter(isTaken));
  if (kept > 0 && Object.keys(ignored).length === 0) {
    return { offer: filtered, ignored };
  }
  return {
    // werift gives up at once where it knows of no candidate and awaits none.
    offer: mapLines(
      filtered,
      (lines) => lines.filter((line) => line !== "a=end-of-candidates"),
    ),
    ignored,
  };
}

function whyIgnored(
  line: string,
  allow: readonly CandidateScope[],
): string | undefined {
  const [, , transport, address, , port] = CANDIDATE.exec(line) ?? [];
  if (address === undefined) {
    throw new Error(`The line ${line.slice(0, 80)} is no candidate`);
  }
  if (transport.toLowerCase() !== "udp") return "not UDP";
  if (Number(port) < 1 || Number(port) > 65_535) return "no port";
  const scope: AddressScope | undefined = scopeOf(address);
  if (scope === undefined) return "host name";
  if (scope === "public" || allow.some((each) => each === scope)) {
    return undefined;
  }
  return scope === "none" ? "nobody's address" : scope;
}

/**
 * Has an answer announce another address for this machine's own: behind a NAT
 * that maps one address to another and keeps ports. Loopback candidates stay,
 * and those of the other version of IP.
 */
export function announceAddress(
  answer: Description,
  address: string,
): Description {
  const family = familyOf(address);
  const isOwn = (own: string) =>
    familyOf(own) === family && scopeOf(own) !== "loopback";
  const announced = (line: string) => {
    const [, start, , own, rest, , type] = CANDIDATE.exec(line) ?? [];
    if (type === "host" && isOwn(own)) return start + address + rest;
    const [, network, named] = /^(c=IN IP[46] )(\S+)$/.exec(line) ?? [];
    return named !== undefined && isOwn(named) && scopeOf(named) !== "none"
      ? network + address
      : line;
  };
  return mapLines(answer, (lines) => lines.map(announced));
}
