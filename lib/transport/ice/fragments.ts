/**
 * Whether datagrams may be cut on their way (IP fragmentation), as no interface
 * of Deno's has it. Linux's default cuts what is larger than the path is known
 * to take, and forbids routers to cut the rest.
 */
import type { Libc } from "../native/libc.ts";

/**
 * `forbidden` loses what is too large, whatever is known of the path; `allowed`
 * lets routers cut it (IPv4), or cuts it to what every link takes (IPv6).
 */
export type Fragments = "forbidden" | "allowed";

/** Of Linux's headers. */
const IPPROTO_IP = 0;
const IPPROTO_IPV6 = 41;
const IP_MTU_DISCOVER = 10;
const IPV6_MTU_DISCOVER = 23;
const IPV6_MTU = 24;
/** For both families: IP_PMTUDISC_DONT, IP_PMTUDISC_PROBE. */
const DISCOVERY: Record<Fragments, number> = { allowed: 0, forbidden: 3 };
/** What every link of IPv6 takes (RFC 8200 section 5); 0 is no such bound. */
const CUT_TO: Record<Fragments, number> = { allowed: 1280, forbidden: 0 };

/**
 * Sets it for what a socket sends from now on.
 *
 * @returns whether the kernel took it.
 */
export function setFragments(
  { setsockopt }: Libc,
  fd: number,
  family: 4 | 6,
  fragments: Fragments,
): boolean {
  const set = (level: number, name: number, value: number) =>
    setsockopt(fd, level, name, Uint32Array.of(value), 4) === 0;
  const discovery = DISCOVERY[fragments];
  return family === 4
    ? set(IPPROTO_IP, IP_MTU_DISCOVER, discovery)
    : set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, discovery) &&
      set(IPPROTO_IPV6, IPV6_MTU, CUT_TO[fragments]);
}
