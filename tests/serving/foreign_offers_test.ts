/** Offers as other programs make them, over HTTP, and what is answered. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { connectTo, makePeer, offerOf, peerTest } from "../transport/pair.ts";
import {
  data,
  H264,
  H264_MODE_0,
  H266,
  media,
  offer,
  type OfferCase,
  OFFERS,
  OPUS,
  outlineOf,
  SHARED_OFFERS,
  VP8,
} from "../transport/sdp/offers.ts";
import { type HandlerUnderTest, startHandler } from "./support.ts";
import { JSON_BODY } from "../support.ts";

const SDP = { "content-type": "application/sdp" };

/** Publishes by `POST /offer` and by WHIP, as the answer should be. */
async function assertAnswered({ sdp, answer, unused = [] }: OfferCase) {
  await using server = await startHandler();
  const { host, request } = server;
  const json = JSON.stringify({ type: "offer", sdp });
  for (const path of ["/offer", "/whip"]) {
    const response = await request("POST", path, {
      body: path === "/offer" ? json : sdp,
      headers: path === "/offer" ? JSON_BODY : SDP,
    });
    const text = await response.text();
    if (answer === "unusable") {
      assertEquals(response.status, 422, text);
      assertMatch(JSON.parse(text).detail, /^Nothing in the offer can be used/);
      assertMatch(
        JSON.parse(text).detail,
        /VP8, VP9, H.264 .* Opus .* data channel/,
      );
      assertEquals(await host.sessions(), []);
      continue;
    }
    assertEquals(response.status, path === "/offer" ? 200 : 201, text);
    const answered = path === "/offer" ? JSON.parse(text).sdp : text;
    assertEquals(outlineOf(answered), answer);
    assertSound(answered, sdp);
    const [{ id, unusedSections }] = await host.sessions();
    assertEquals(
      unusedSections.map(({ kind }) => kind),
      unused.map((place) => answer[place].split(" ")[0]),
    );
    assert(unusedSections.every(({ why }) => why !== ""));
    await host.endSession(id, "test over", "ended");
  }
}

/** Holds an answer to what every answer must be (RFC 8829 section 5.3). */
function assertSound(answer: string, offer: string): void {
  assert(!/a=(simulcast|rid|bundle-only)/.test(answer), answer);
  assert(!/\r(?!\n)|[^\r]\n/.test(answer), "every line ends with CRLF");
  const mids = (sdp: string) => sdp.match(/^a=mid:.*?(?=\r?$)/gm) ?? [];
  assertEquals(mids(answer), mids(offer), "names of sections");
  for (const section of answer.split(/^(?=m=)/m).slice(1)) {
    const [, port, formats] = /^m=\S+ (\d+) \S+ (.*)\r$/m.exec(section)!;
    if (port === "0") continue;
    for (const name of ["ice-ufrag", "ice-pwd", "fingerprint", "setup"]) {
      assert(section.includes(`\r\na=${name}:`), `${name} of ${section}`);
    }
    assert(section.includes("\r\na=candidate:"), section);
    if (section.startsWith("m=application")) continue;
    const named = [...section.matchAll(/^a=rtpmap:(\d+)/gm)].map(([, t]) => t);
    assertEquals(named, formats.split(" "), "formats have encodings");
    // Who sends nothing names no source of it.
    assertEquals(/a=ssrc:/.test(section), /a=send/.test(section), section);
  }
  const ufrags = new Set(answer.match(/a=ice-ufrag:.*/g));
  assertEquals(ufrags.size, 1, "one transport");
  const [, group = ""] = /^a=group:BUNDLE (.*)\r$/m.exec(answer) ?? [];
  const accepted = outlineOf(answer).filter((line) => !/rejected/.test(line))
    .map((line) => line.split(" ")[1]).filter((mid) => mid !== "-");
  assertEquals(group.split(" ").filter(Boolean).sort(), accepted.sort());
}

for (const [name, offer] of Object.entries(OFFERS)) {
  peerTest(`an offer with ${name} is answered`, () => assertAnswered(offer));
}

for (const [name, offer] of SHARED_OFFERS) {
  const missing = offer === undefined
    ? " [skipped: there is no ../shared]"
    : "";
  if (offer === undefined) {
    Deno.test.ignore(`${name} is answered${missing}`, () => {});
  } else peerTest(`${name} is answered`, () => assertAnswered(offer));
}

/** Publishes sections, of a peer that never connects. */
async function publish(
  { request, host }: HandlerUnderTest,
  sections: string[][],
): Promise<string> {
  const response = await request("POST", "/whip", {
    body: offer(["a=group:BUNDLE 0 1"], sections),
    headers: SDP,
  });
  assertEquals(response.status, 201, await response.text());
  return (await host.sessions())[0].id;
}

const asWatcher = (sdp: string) =>
  sdp.replaceAll(/a=send(only|recv)/g, "a=recvonly");

for (const [name, offered] of SHARED_OFFERS) {
  if (offered === undefined) {
    Deno.test.ignore(
      `${name} may watch [skipped: there is no ../shared]`,
      () => {},
    );
  } else {
    peerTest(`${name} may watch what it has a codec for`, async () => {
      await using server = await startHandler();
      const isH264 = name.startsWith("gst");
      const id = await publish(server, [
        media("video", {
          ...{ mid: "0", formats: [isH264 ? H264 : VP8] },
          more: ["a=ssrc:1 cname:x"],
        }),
        media("audio", {
          ...{ mid: "1", formats: [OPUS] },
          more: ["a=ssrc:2 cname:x"],
        }),
      ]);
      const body = asWatcher(offered.sdp);
      const response = await server.request("POST", `/whep/${id}`, {
        ...{ body, headers: SDP },
      });
      const text = await response.text();
      const due = offered.answer;
      const isTaken = due !== "unusable" &&
        due.some((line) => /VP8|H264|opus/i.test(line));
      if (!isTaken) {
        assertEquals(response.status, 422);
        assertMatch(text, /The session has VP8, Opus over RTP/);
        return;
      }
      assertEquals(response.status, 201, text);
      assertEquals(
        outlineOf(text),
        // In the codec that the session has.
        due.map((line) =>
          line.replace("recvonly", "sendonly").replace(/VP8 .*/, "VP8")
        ),
      );
      assertSound(text, body);
      // What is sent is of one stream.
      const streams = text.match(/(?<=^a=msid:)\S+/gm);
      assertEquals(streams, ["pointwire", "pointwire"]);
    });
  }
}

peerTest(
  "a watcher gets the session's codec, whatever it lists first",
  async () => {
    await using server = await startHandler();
    const id = await publish(server, [
      media("video", {
        ...{ mid: "0", formats: [H264] },
        more: ["a=ssrc:1 cname:x"],
      }),
      data({ mid: "1" }),
    ]);
    const watch = async (sections: string[][]) => {
      const response = await server.request("POST", `/whep/${id}`, {
        body: offer(["a=group:BUNDLE 0 1"], sections),
        headers: SDP,
      });
      return { status: response.status, text: await response.text() };
    };
    const options = { mid: "0", direction: "recvonly" };
    const two = await watch([
      media("video", { ...options, formats: [H266, VP8, H264] }),
      media("audio", { ...options, mid: "1", formats: [OPUS] }),
    ]);
    assertEquals(two.status, 201, two.text);
    assertEquals(outlineOf(two.text), [
      "video 0 sendonly H264",
      "audio 1 inactive opus",
    ]);
    // H.264 is sent in fragments, which mode 0 has none of.
    for (const format of [VP8, H264_MODE_0]) {
      const section = { ...options, formats: [format] };
      const alone = await watch([media("video", section)]);
      assertEquals(alone.status, 422, alone.text);
      assertMatch(JSON.parse(alone.text).detail, /The session has H\.264 over/);
      const beside = await watch([media("video", section), data({ mid: "1" })]);
      assertEquals(beside.status, 201, beside.text);
      assertMatch(outlineOf(beside.text)[0], /^video 0 inactive (VP8|H264)/);
    }
  },
);

peerTest(
  "a watcher of points alone is refused where it has no channel",
  async () => {
    await using server = await startHandler();
    await publish(server, [data({ mid: "0" })]).catch(() => {});
    const [{ id }] = await server.host.sessions();
    const response = await server.request("POST", `/whep/${id}`, {
      body: offer(["a=group:BUNDLE 0"], [
        media("video", { mid: "0", formats: [VP8], direction: "recvonly" }),
      ]),
      headers: SDP,
    });
    assertEquals(response.status, 422);
    const { title, detail } = await response.json();
    assertEquals(title, "Unprocessable Entity");
    assertEquals(
      detail,
      "Nothing in the offer can be used: section 0 (video): the session has no " +
        "video. The session has nothing but points, for a data channel " +
        "(UDP/DTLS/SCTP)",
    );
  },
);

peerTest(
  "a real peer connects without names, and beside what isn't used",
  async () => {
    for (const isNamed of [true, false]) {
      await using made = await makePeer();
      made.peer.createDataChannel("points", { protocol: "pointwire.v1" });
      await using server = await startHandler();
      const sdp = await offerOf(made.peer);
      const unnamed = sdp.replaceAll(/a=(mid|group):.*\r\n/g, "");
      const extra = media("video", { mid: "x", formats: [H266] }).join("\r\n");
      const response = await server.request("POST", "/whip", {
        body: isNamed ? `${sdp}${extra}\r\n` : unnamed,
        headers: SDP,
      });
      const text = await response.text();
      assertEquals(response.status, 201, text);
      // werift tells sections apart by their names alone.
      const answer = isNamed
        ? text.split(/^(?=m=)/m).slice(0, 2).join("")
        : text.replace("m=application", "a=group:BUNDLE 0\r\nm=application") +
          "a=mid:0\r\n";
      await connectTo(made.peer, answer);
      const [{ state, unusedSections }] = await server.host.sessions();
      assertEquals(state, "connected");
      assertEquals(unusedSections.map(({ mid }) => mid), isNamed ? ["x"] : []);
    }
  },
);
