import { assertRejects } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { answerOf, makePeer, offerOf, peerTest } from "../transport/pair.ts";

const SERVER = "http://127.0.0.1/offer";
const log = createLogger({ write: () => {} });
const ORIGIN = { url: SERVER, log };
const MD5 = `a=fingerprint:md5 ${Array(16).fill("0F").join(":")}`;

/** Two peers, and the second one's answer to the first. */
async function makeAnswer() {
  await using made = new AsyncDisposableStack();
  const { peer } = made.use(await makePeer());
  const { peer: other } = made.use(await makePeer());
  peer.createDataChannel("data");
  const answer = await answerOf(other, await offerOf(peer));
  const all = made.move();
  return { peer, answer, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

peerTest(
  "An answer with the session's fingerprint beside another's is used",
  async () => {
    const { useAnswer } = await import("../../lib/signaling/use_answer.ts");
    const { whenConnected } = await import("../../lib/transport/peer.ts");
    await using made = await makeAnswer();
    const lines = made.answer.split("\r\n");
    const own = lines.filter((line) => line.startsWith("a=fingerprint:"));
    const rest = lines.filter((line) => !own.includes(line));
    const start = rest.findIndex((line) => line.startsWith("m="));
    const answer = rest.toSpliced(start, 0, MD5, ...own).join("\r\n");
    await useAnswer(made.peer, answer, ORIGIN);
    await whenConnected(made.peer, { timeoutMs: 30_000 });
  },
);

peerTest("An answer with an MD5 fingerprint is not used", async () => {
  const { useAnswer } = await import("../../lib/signaling/use_answer.ts");
  await using made = await makeAnswer();
  const answer = made.answer.replace(/a=fingerprint:.*/g, MD5);
  await assertRejects(
    () => useAnswer(made.peer, answer, ORIGIN),
    SignalingError,
    `${SERVER} answered with an SDP that can't be used: No a=fingerprint of ` +
      "the SDP's section 1 can be used (md5 0F:",
  );
});
