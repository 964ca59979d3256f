/** Sections that share one transport (RFC 9143). */
import type { Description } from "./description.ts";
import { attributeOf, isAttribute, withoutAttributes } from "./section.ts";

const GROUP = "a=group:BUNDLE ";

/**
 * The section names (`a=mid`) of each BUNDLE group, in their order.
 *
 * @param mids those that there are: others are passed over.
 */
export function bundlesOf(
  { session }: Description,
  mids: ReadonlySet<string>,
): ReadonlySet<string>[] {
  return session.filter((line) => line.startsWith(GROUP)).map((line) =>
    new Set(line.slice(GROUP.length).split(" ").filter((mid) => mids.has(mid)))
  );
}

/** The session's lines with one BUNDLE group in place of those there are. */
export function withBundle(
  session: readonly string[],
  mids: readonly string[],
): string[] {
  const others = session.filter((line) => !line.startsWith(GROUP.trimEnd()));
  return mids.length === 0 ? others : [...others, GROUP + mids.join(" ")];
}

/**
 * Gives a section what its transport is said by: a section that is only in a
 * bundle may leave that to the one that the bundle is named after (RFC 9143
 * section 7.2).
 *
 * @param from the section that the bundle is named after.
 */
export function withTransport(
  section: readonly string[],
  from: readonly string[],
  session: readonly string[],
): string[] {
  const added: string[] = [];
  for (const names of [["ice-ufrag", "ice-pwd"], ["fingerprint"], ["setup"]]) {
    const isSaid = (lines: readonly string[]) =>
      names.every((name) => attributeOf(lines, name) !== undefined);
    if (isSaid(section) || isSaid(session)) continue;
    added.push(...from.filter((line) => isAttribute(line, ...names)));
  }
  const lines = [...section, ...added];
  const hasSetup = [lines, session].some((all) =>
    attributeOf(all, "setup") !== undefined
  );
  return hasSetup ? lines : [...lines, "a=setup:actpass"];
}

const CANDIDATES = ["candidate", "end-of-candidates"];

/**
 * Gives a section the candidates of another one, whose transport it has, where
 * it has none itself.
 */
export function withCandidates(
  section: readonly string[],
  from: readonly string[],
): string[] {
  const isOwn = attributeOf(section, "candidate") !== undefined ||
    attributeOf(section, "ice-ufrag") !== attributeOf(from, "ice-ufrag");
  if (isOwn) return [...section];
  return [
    ...withoutAttributes(section, ...CANDIDATES),
    ...from.filter((line) => isAttribute(line, ...CANDIDATES)),
  ];
}
