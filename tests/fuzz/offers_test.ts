/** Offers whose lines end in every way, as they are read and answered. */
import { assert, assertEquals } from "@std/assert";
import type { SessionDescription } from "werift";
import {
  MAX_BODY_BYTES,
  MAX_SDP_CANDIDATES,
  MAX_SDP_LINES,
  MAX_SDP_SECTIONS,
} from "../../lib/limits/request_limits.ts";
import { checkSdp } from "../../lib/serving/offer.ts";
import {
  filterCandidates,
  isCandidate,
} from "../../lib/transport/ice/candidates.ts";
import { scopeOf } from "../../lib/transport/ice/ip_address.ts";
import {
  linesOf,
  parseDescription,
  SdpError,
  writeDescription,
} from "../../lib/transport/sdp/description.ts";
import {
  prepareOffer,
  UnusableOfferError,
} from "../../lib/transport/sdp/foreign_offer.ts";
import { startHandler } from "../serving/support.ts";
import { catchUncaught } from "./attack.ts";
import { quickest } from "../cost.ts";
import { tryAll } from "./fuzz.ts";
import { anyOffer, realOffers, writeOffer } from "./sdp.ts";
import { fuzzSettings, fuzzTest } from "./settings.ts";
import { assertNoStack, orRefused } from "./problems.ts";

/** What is answered is looked at, and not how often. */
const UNLIMITED = {
  sessions: 1e6,
  sessionsPerAddress: 1e6,
  connectingPerAddress: 1e6,
  offersPerSecond: 1e6,
};

type Parse = (sdp: string) => SessionDescription;

/** How much longer than a real offer one may take to read, of the same size. */
const MOST_READING = 4;
/** How much longer one may take to answer, of any size. */
const MOST_ANSWERING = 20;

fuzzTest([], "offers with every line end", async (t) => {
  const { SessionDescription } = await import("werift");
  const offers = realOffers();
  const from = anyOffer.map((model) => writeOffer(offers, model));
  await t.step("as they are counted and read", async () => {
    const usual = Math.max(
      ...await Promise.all(offers.map((sdp) => quickest(() => prepare(sdp)))),
    );
    await tryAll({ name: "sdp lines", from }, async (sdp) => {
      assertRead(sdp, SessionDescription.parse);
      const most = MOST_READING * usual * Math.max(1, sdp.length / 4_000);
      const ms = await quickest(() => prepare(sdp), most);
      assert(ms <= most, `reading took ${ms} ms, a usual one ${usual} ms`);
    });
  });
  await t.step("as they are answered", async () => {
    await using server = await startHandler({ limits: UNLIMITED });
    const { host, request } = server;
    using uncaught = catchUncaught();
    let status = 0;
    const ask = async (path: string, sdp: string) => {
      const isJson = path === "/offer";
      const response = await request("POST", path, {
        body: isJson ? JSON.stringify({ type: "offer", sdp }) : sdp,
        headers: {
          "content-type": `application/${isJson ? "json" : "sdp"}`,
        },
      });
      const text = await response.text();
      ({ status } = response);
      if (!response.ok) assertNoStack(text);
      assert(status < 500, `${status} ${text}`);
      for (const { id } of await host.sessions()) {
        await host.endSession(id, "tried", "ended");
      }
      if (uncaught.errors.length > 0) throw uncaught.errors.shift();
    };
    let usual = 0;
    for (const sdp of offers) {
      usual = Math.max(usual, await quickest(() => ask("/offer", sdp)));
    }
    let answered = 0;
    await tryAll({ name: "sdp lines answered", from }, async (sdp) => {
      for (const path of ["/offer", "/whip"]) {
        const most = MOST_ANSWERING * usual;
        const ms = await quickest(() => ask(path, sdp), most);
        assert(ms <= most, `${path} took ${ms} ms, a usual one ${usual} ms`);
        if (status < 300) answered++;
        if (sdp.length > MAX_BODY_BYTES) assertEquals(status, 413);
      }
    });
    assert(answered > 0 || fuzzSettings().replay !== undefined);
  });
}, { sanitizeOps: false, sanitizeResources: false });

/** Reads what is an offer, as a session does; nothing where it is none. */
function prepare(sdp: string) {
  if (!orRefused(() => checkSdp(sdp))) return undefined;
  const counted = parseDescription(sdp);
  return {
    counted,
    prepared: orUnusable(() =>
      prepareOffer(filterCandidates(counted, {}).offer)
    ),
  };
}

/** Holds each view of an offer to the others. */
function assertRead(sdp: string, parse: Parse): void {
  const { counted, prepared } = prepare(sdp) ?? {};
  if (counted === undefined) return;
  const lines = linesOf(counted);
  assert(lines.length <= MAX_SDP_LINES);
  // Who splits in the standard's ways sees the same lines.
  assertEquals(sdp.split(/[\r\n]+/).filter(Boolean), lines);
  assertSeenAlike(writeDescription(counted), lines);
  if (prepared === undefined) return;
  const written = writeDescription(prepared.description);
  assertSeenAlike(written, linesOf(prepared.description));
  assertSendsWhereItMay(written, parse);
}

/**
 * Splits as werift does, and fails where it sees other lines, or takes one for
 * a candidate that we don't.
 */
function assertSeenAlike(sdp: string, lines: readonly string[]): void {
  const whole = sdp.split("\r\n");
  const seen = whole.length === 1 ? sdp.split("\n") : whole;
  assertEquals(seen.filter(Boolean), lines);
  for (const line of seen) {
    const [attribute] = line.slice(2).split(":", 1);
    if (attribute === "candidate") assert(isCandidate(line), line);
  }
}

/** Holds what werift reads of an offer against what it may be sent to. */
function assertSendsWhereItMay(sdp: string, parse: Parse): void {
  let media: SessionDescription["media"];
  try {
    ({ media } = parse(sdp));
  } catch {
    // It is refused as an offer that can't be answered.
    return;
  }
  assert(media.length <= MAX_SDP_SECTIONS);
  const candidates = media.flatMap(({ iceCandidates }) => iceCandidates);
  assert(candidates.length <= MAX_SDP_CANDIDATES);
  for (const { ip, protocol } of candidates) {
    assert(/^udp$/i.test(protocol), protocol);
    assert(["public", "private"].includes(scopeOf(ip) ?? "a name"), ip);
  }
}

/** Nothing where an offer is refused later than by the check. */
function orUnusable<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    const isTold = error instanceof UnusableOfferError ||
      error instanceof SdpError || /is no candidate$/.test(`${error}`);
    if (!isTold) throw error;
    return undefined;
  }
}
