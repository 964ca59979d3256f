/** SCTP's set-up within the descriptions, as Chromium has it. */
import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import type { Page } from "playwright-core";
import type { RTCDataChannel, RTCPeerConnection as Peer } from "werift";
import { connectTo, makePeer, offerOf, whenState } from "../transport/pair.ts";
import { testWith } from "../support.ts";
import { startBrowser } from "./browser.ts";

// werift is imported with them, and only while a test runs.
const install = () => import("../../lib/transport/install.ts");
const snap = () => import("../../lib/transport/snap.ts");

const FLAG = "--enable-blink-features=WebRtcSctpSnap";
const ATTRIBUTE = /^a=sctp-init:/m;
/** INIT, INIT ACK, COOKIE ECHO and COOKIE ACK. */
const SET_UP = [1, 2, 10, 11];

/** Within the page: makes a connection whose channels send back what comes. */
function make(): void {
  const connection = new RTCPeerConnection();
  const echo = (channel: RTCDataChannel & EventTarget) =>
    channel.addEventListener("message", (event) => {
      channel.send((event as MessageEvent).data);
    });
  connection.addEventListener("datachannel", (event) => {
    echo((event as unknown as { channel: Parameters<typeof echo>[0] }).channel);
  });
  Object.assign(globalThis, { connection, echo });
}

/** Within the page: describes its side, with all candidates. */
async function describe(offer?: string): Promise<string> {
  const { connection, echo } = globalThis as unknown as {
    connection: RTCPeerConnection;
    echo(channel: unknown): void;
  };
  if (offer === undefined) echo(connection.createDataChannel("page"));
  else await connection.setRemoteDescription({ type: "offer", sdp: offer });
  await connection.setLocalDescription();
  while (connection.iceGatheringState !== "complete") {
    await new Promise((resolve) =>
      connection.addEventListener("icegatheringstatechange", resolve, {
        once: true,
      })
    );
  }
  return connection.localDescription!.sdp;
}

/** Within the page. */
async function takeAnswer(sdp: string): Promise<void> {
  const { connection } = globalThis as unknown as {
    connection: RTCPeerConnection;
  };
  await connection.setRemoteDescription({ type: "answer", sdp });
}

async function openPage(url: string, args: string[]) {
  const browser = await startBrowser(args);
  const { page } = await browser.open(url);
  await page.evaluate(make);
  return { page, [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose]() };
}

/** Notes which chunks of a set-up come to our side. */
async function watchSetUp(peer: Peer): Promise<number[]> {
  const { associationOf } = await install();
  const types: number[] = [];
  associationOf(peer)!.interceptChunks((type, pass) => {
    if (SET_UP.includes(type)) types.push(type);
    return pass();
  });
  return types;
}

/** Sends a message, and waits until the page has sent it back. */
async function exchange(channel: RTCDataChannel): Promise<void> {
  await whenState(channel, "open");
  const back = new Promise((resolve) => channel.onMessage.once(resolve));
  const text = "0123456789".repeat(6000);
  channel.send(text);
  assertEquals(await back, text);
}

/** Has our side offer; returns the chunks of the set-up that came to it. */
async function offerTo(page: Page, answers: RegExp | undefined) {
  const { takeSctpInit, withSctpInit } = await snap();
  await using ours = await makePeer();
  const { peer } = ours;
  const channel = peer.createDataChannel("ours");
  const offer = withSctpInit(peer, await offerOf(peer));
  const answer = await page.evaluate(describe, offer);
  if (answers) assertMatch(answer, answers);
  else assertNotMatch(answer, ATTRIBUTE);
  takeSctpInit(peer, answer);
  const types = await watchSetUp(peer);
  await connectTo(peer, answer);
  await exchange(channel);
  return types;
}

testWith(["chromium"], "Chromium takes our INIT from the offer", async () => {
  await using tab = await openPage("about:blank", [FLAG]);
  assertEquals(await offerTo(tab.page, ATTRIBUTE), []);
});

testWith(["chromium"], "Chromium without SNAP is set up as ever", async () => {
  await using tab = await openPage("about:blank", []);
  const types = await offerTo(tab.page, undefined);
  // It sends an INIT as well.
  assertEquals(types.includes(2), true);
});

testWith(["chromium"], "Chromium's INIT is answered with ours", async () => {
  const { takeSctpInit, withSctpInit } = await snap();
  await using tab = await openPage("about:blank", [FLAG]);
  await using ours = await makePeer();
  const { peer } = ours;
  const opened = new Promise<RTCDataChannel>((resolve) =>
    peer.onDataChannel.subscribe(resolve)
  );
  const offer = await tab.page.evaluate(describe, undefined);
  assertMatch(offer, ATTRIBUTE);
  await peer.setRemoteDescription({ type: "offer", sdp: offer });
  const answer = await peer.createAnswer();
  assertEquals(takeSctpInit(peer, offer), true);
  await peer.setLocalDescription(answer);
  const types = await watchSetUp(peer);
  const sdp = withSctpInit(peer, peer.localDescription!.sdp);
  await tab.page.evaluate(takeAnswer, sdp);
  await exchange(await opened);
  assertEquals(types, []);
});
