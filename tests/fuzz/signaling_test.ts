import { assert } from "@std/assert";
import { checkSdp, parseOffer } from "../../lib/serving/offer.ts";
import { startHandler } from "../serving/support.ts";
import { makePeer, offerOf } from "../transport/pair.ts";
import { catchUncaught, publishTo } from "./attack.ts";
import { fuzz } from "./fuzz.ts";
import { assertNoStack, orRefused } from "./problems.ts";
import { fuzzSettings, fuzzTest } from "./settings.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Offers as our peers make them, and as browsers do. */
async function offers(): Promise<string[]> {
  const sdps: string[] = [];
  for (const media of [[], ["video"], ["video", "audio"]] as const) {
    await using made = await makePeer();
    made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
    for (const kind of media) {
      made.peer.addTransceiver(kind, { direction: "sendonly" });
    }
    sdps.push(await offerOf(made.peer));
  }
  return [...sdps, ...sdps.map(asBrowser)];
}

/** Adds what browsers write and werift does not. */
function asBrowser(sdp: string): string {
  return sdp
    .replace("t=0 0\r\n", "t=0 0\r\na=extmap-allow-mixed\r\n")
    .replace(
      /a=ssrc:.*\r\n/g,
      (line) => `${line}a=ssrc-group:FID 1 2\r\na=ssrc:2 msid:a b\r\n`,
    )
    .replace(
      /a=candidate:.*\r\n/,
      (line) =>
        `${line}a=candidate:9 1 tcp 1518280447 192.0.2.1 9 typ host tcptype ` +
        `active generation 0 network-id 1\r\na=candidate:8 1 udp 2122260223 ` +
        `0f9b6e4c-0000-4000-8000-000000000000.local 50000 typ host\r\n`,
    );
}

fuzzTest([], "bodies of offers", async (t) => {
  const sdps = await offers();
  const bodies = sdps.map((sdp) =>
    bytesOf(JSON.stringify({ type: "offer", sdp, resumes: "abc" }))
  );
  await t.step("as they are read", async () => {
    const options = { name: "offers", corpus: bodies };
    await fuzz(
      options,
      ([bytes]) => orRefused(() => parseOffer(new TextDecoder().decode(bytes))),
    );
    const corpus = sdps.map(bytesOf);
    await fuzz(
      { name: "sdp", corpus },
      ([bytes]) => orRefused(() => checkSdp(new TextDecoder().decode(bytes))),
    );
  });
  await t.step("as they are answered", async () => {
    const corpus = [...bodies, ...sdps.map(bytesOf)];
    using uncaught = catchUncaught();
    await using server = await startHandler({
      limits: { offersPerSecond: 1e6 },
    });
    const { host, request } = server;
    await using made = await makePeer();
    for (const kind of ["video", "audio"] as const) {
      made.peer.addTransceiver(kind, { direction: "sendonly" });
    }
    const watched = await publishTo(host, made.peer);
    const paths = ["/whip", `/whep/${watched}`];
    let answered = 0;
    let count = 0;
    const options = { name: "answers", corpus };
    await fuzz(options, async ([body]) => {
      const isJson = body[0] === "{".charCodeAt(0);
      const path = isJson ? "/offer" : paths[count++ % 2];
      const type = isJson ? "application/json" : "application/sdp";
      const headers = { "content-type": type };
      const response = await request("POST", path, { body, headers });
      const text = await response.text();
      if (response.ok) answered++;
      else assertNoStack(text);
      assert(response.status < 500, `${response.status} ${text}`);
      const location = response.headers.get("location");
      if (location?.startsWith("/whep/")) await request("DELETE", location);
      for (const { id } of await host.sessions()) {
        if (id !== watched) await host.endSession(id, "tried", "ended");
      }
      if (uncaught.errors.length > 0) throw uncaught.errors.shift();
    });
    const isReplay = fuzzSettings().replay !== undefined;
    assert(answered > 0 || isReplay, "none was answered");
  });
}, { sanitizeOps: false, sanitizeResources: false });
