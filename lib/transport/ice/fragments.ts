/**
 * Whether datagrams may be cut on their way (IP fragmentation), as no interface
 * of Deno's has it.
 */
import type { Libc } from "../native/libc.ts";

/**
 * As `usual`, the kernel cuts what is larger than the path is known to take,
 * and forbids routers to cut the rest, but for bursts. `forbidden` loses what
 * is too large, whatever is known; `allowed` lets routers cut it, which those
 * of IPv6 don't: there it is as usual.
 */
export type Fragments = "usual" | "forbidden" | "allowed";

/** IP_MTU_DISCOVER and IPV6_MTU_DISCOVER of Linux's headers. */
const OPTION = {
  4: { level: 0, name: 10 },
  6: { level: 41, name: 23 },
} as const;
/** IP_PMTUDISC_DONT, WANT and PROBE, and the same of IPv6. */
const VALUE: Record<Fragments, number> = {
  ...{ allowed: 0, usual: 1, forbidden: 3 },
};

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
  const { level, name } = OPTION[family];
  const value = Uint32Array.of(VALUE[fragments]);
  return setsockopt(fd, level, name, value, 4) === 0;
}
