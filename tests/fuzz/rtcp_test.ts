/** RTCP that a model makes: as it is read, on a path, and in real sessions. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { quickest } from "../cost.ts";
import { makePath } from "../transport/rtp/open_path.ts";
import { VIDEO_SECTION } from "../transport/rtp/section.ts";
import { createLogger } from "../../lib/log.ts";
import { Bystander, catchUncaught } from "./attack.ts";
import { tryAll } from "./fuzz.ts";
import { MISTAKE } from "./problems.ts";
import { connectSource, connectWatcher } from "./rtcp_peers.ts";
import { anyCompound, type ModelRtcp, writeCompound } from "./rtcp_model.ts";
import { feedbackPackets, readAllRtcp } from "./rtp.ts";
import { fuzzSettings, fuzzTest } from "./settings.ts";

const SSRCS = {
  sent: VIDEO_SECTION.ssrc,
  repeats: VIDEO_SECTION.rtxSsrc,
  own: 5,
};

fuzzTest([], "compound RTCP", async () => {
  const from = anyCompound;
  await tryAll({ name: "rtcp compounds", from }, (packets) => {
    readAllRtcp(writeCompound(packets, SSRCS));
  });
});

/** Packets that are sent, and what the peer says then. */
interface Turn {
  packets: number;
  compound: ModelRtcp[];
}

const anyTurns = fc.array(
  fc.record({ packets: fc.nat(40), compound: anyCompound }),
  { minLength: 1, maxLength: 12, size: "max" },
);

/** How much longer what a peer says may take than usual feedback of it. */
const MOST_TIMES = 20;

fuzzTest([], "what a peer says of a stream", async () => {
  const usual = await quickest(() => playUsual());
  const options = { name: "rtcp on a path", from: anyTurns, inEach: 6 };
  await tryAll(options, async (turns) => {
    const written = turns.map(({ packets, compound }) => ({
      packets,
      bytes: writeCompound(compound, SSRCS),
    }));
    const most = MOST_TIMES * usual;
    const ms = await quickest(() => play(written), most);
    assert(ms <= most, `it took ${ms} ms, and usual feedback ${usual} ms`);
  });
});

/** As much as there can be, of what peers send. */
function playUsual(): void {
  const feedback = feedbackPackets(SSRCS.sent);
  play(
    Array.from({ length: 12 }, (_, i) => ({
      packets: 40,
      bytes: feedback[i % feedback.length],
    })),
  );
}

const PAYLOAD = new Uint8Array(1_000);
PAYLOAD.set([0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 64]);

/** Sends on a path, and has it told; holds what it does to its limits. */
function play(turns: { packets: number; bytes: Uint8Array }[]): void {
  using made = makePath();
  made.receive({ remoteSsrcs: [SSRCS.own] });
  const stream = made.path.addStream(VIDEO_SECTION);
  let requests = 0;
  stream.onKeyframeRequest = () => requests++;
  let number = 0;
  for (const { packets, bytes } of turns) {
    for (let i = 0; i < packets; i++) {
      const marker = true;
      const sequenceNumber = number++ & 0xffff;
      const timestamp = number * 3_000;
      stream.send({ sequenceNumber, timestamp, marker, payload: PAYLOAD });
    }
    const before = made.rtcp.length;
    made.packets.rtcp(bytes);
    assertEquals(made.rtcp.length, before, "RTCP is answered at once");
    const { path } = made;
    const { capacity = 0, queueMs, mediaRate } = path.estimate;
    const { waitMs, roundTripMs } = path;
    for (const value of [capacity, queueMs, mediaRate, waitMs, roundTripMs]) {
      assert(Number.isFinite(value) && value >= 0, `${value}`);
    }
  }
  const { counters } = stream;
  const { bytes, bytesRepeated, repeated, keyframeRequests } = counters;
  const headers = 64 * (counters.packets + repeated);
  // Half of what is sent, and what may be sent again at once; some twice.
  const most = 0.6 * (bytes + headers) + 80 * 1024;
  assert(bytesRepeated <= most, `${bytesRepeated} bytes again of ${bytes}`);
  // The first packet goes out twice.
  assert(made.rtp.length <= counters.packets + repeated + 1);
  const words = turns.reduce((sum, { bytes }) => sum + bytes.length / 4, 0);
  assert(keyframeRequests <= words && requests <= words + number);
}

fuzzTest([], "SRTCP of a publisher and a watcher", async () => {
  const { LocalHost } = await import("../../lib/hosting/local_host.ts");
  const lines: string[] = [];
  const log = createLogger({ write: (line) => lines.push(line) });
  await using host = new LocalHost({ log });
  await using bystander = await Bystander.connect(host);
  await using source = await connectSource(host);
  using uncaught = catchUncaught();
  const from = fc.record({
    isWatcher: fc.boolean(),
    turns: anyTurns,
  });
  const options = { name: "srtcp", from, inEach: 6 };
  let told = 0;
  await tryAll(options, async ({ isWatcher, turns }) => {
    lines.length = 0;
    await using speaker = isWatcher
      ? await connectWatcher(host, source.id)
      : await connectSource(host);
    for (const { packets, compound } of turns) {
      source.send(packets);
      await speaker.tell(writeCompound(compound, speaker.ssrcs));
      told++;
    }
    await bystander.publish();
    if (uncaught.errors.length > 0) throw uncaught.errors.splice(0)[0];
    assertEquals(lines.filter((line) => MISTAKE.test(line)), []);
  });
  assert(told > 0 || fuzzSettings().replay !== undefined);
}, { sanitizeOps: false, sanitizeResources: false });
