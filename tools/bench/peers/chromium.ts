/** A receiver of the transport bench: Chromium, without a window. */
import { launchChromium } from "../../chromium.ts";
import { hear, readArguments, say } from "./protocol.ts";

/** The global scope of the page. */
interface PageGlobal {
  bytes: number;
  peer: RTCPeerConnectionLike;
}

interface RTCPeerConnectionLike {
  setRemoteDescription(description: unknown): Promise<void>;
  createAnswer(): Promise<unknown>;
  setLocalDescription(description: unknown): Promise<void>;
  localDescription: { sdp: string };
  iceGatheringState: string;
}

const { seconds } = readArguments();
const browser = await launchChromium(["--disable-gpu"]);
const page = await browser.newPage();
const { sdp } = await hear();
const answer = await page.evaluate(async (sdp: string) => {
  const page = globalThis as unknown as PageGlobal & Record<string, never>;
  const make = page.RTCPeerConnection as unknown as {
    new (): RTCPeerConnectionLike & {
      ondatachannel: (event: {
        channel: {
          binaryType: string;
          onmessage: (event: { data: ArrayBuffer }) => void;
        };
      }) => void;
    };
  };
  const peer = new make();
  page.bytes = 0 as never;
  (page as { peer: unknown }).peer = peer;
  peer.ondatachannel = ({ channel }) => {
    channel.binaryType = "arraybuffer";
    channel.onmessage = ({ data }) => {
      (page as { bytes: number }).bytes += data.byteLength;
    };
  };
  await peer.setRemoteDescription({ type: "offer", sdp });
  await peer.setLocalDescription(await peer.createAnswer());
  while (peer.iceGatheringState !== "complete") {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return peer.localDescription.sdp;
}, sdp);
say({ sdp: answer });

const bytes = () =>
  page.evaluate(() => (globalThis as unknown as PageGlobal).bytes);
while (await bytes() === 0) await new Promise((wake) => setTimeout(wake, 20));
const perSecond: number[] = [];
const started = performance.now();
let last = 0;
for (let second = 1; second <= seconds; second++) {
  const wait = started + second * 1000 - performance.now();
  await new Promise((wake) => setTimeout(wake, wait));
  const now = await bytes();
  perSecond.push(now - last);
  last = now;
}
say({ received: { bytes: last, perSecond, cpu: 0 } });
await hear();
await browser.close();
Deno.exit(0);
