/** A stranger who writes much at the door fills no log. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { startServer } from "../../tools/processes.ts";
import { JSON_BODY, testWith } from "../support.ts";

/** Requests of each kind, and how long what they say is. */
const REQUESTS = 500;
const PATH_CHARACTERS = 4_000;
const ID_CHARACTERS = 240_000;

testWith([], "floods of refusals leave a short log", async () => {
  await using server = await startServer(["--host", "127.0.0.1"]);
  const path = `/${"p".repeat(PATH_CHARACTERS)}`;
  const sdp = [
    ...["v=0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"],
    ...["a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuv"],
    "a=fingerprint:sha-256 00",
  ].join("\r\n");
  const body = JSON.stringify({
    ...{ type: "offer", sdp, resumes: "r".repeat(ID_CHARACTERS) },
  });
  const requests: (() => Promise<Response>)[] = [
    () => fetch(server.url + path),
    () => fetch(server.url + path, { method: "DELETE" }),
    () => fetch(`${server.url}/offer`, { method: "M".repeat(2_000) }),
    () => fetch(`${server.url}/sessions${path}`),
    () =>
      fetch(server.url, { headers: { origin: `https://${"o".repeat(99)}` } }),
    () => fetch(`${server.url}/whip`, { method: "POST", body: "v=0" }),
    () =>
      fetch(`${server.url}/offer`, {
        method: "POST",
        headers: JSON_BODY,
        body,
      }),
  ];
  const statuses = new Set<number>();
  const start = performance.now();
  for (let i = 0; i < REQUESTS; i++) {
    await Promise.all(requests.map(async (request) => {
      const response = await request();
      await response.body?.cancel();
      statuses.add(response.status);
    }));
  }
  const seconds = (performance.now() - start) / 1000;
  assertEquals([...statuses].toSorted(), [400, 403, 404, 405, 415, 429]);
  const refused = server.stderr.filter((line) => line.includes("refused"));
  assert(refused.length > 0);
  // Each status has five lines, and one a second.
  assertLess(refused.length, 6 * (5 + seconds + 1));
  assertLess(Math.max(...refused.map((line) => line.length)), 2_000);
});
