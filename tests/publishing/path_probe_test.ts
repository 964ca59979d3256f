import { assert, assertEquals } from "@std/assert";
import {
  connectPair,
  peerTest,
  tamperWithDatagrams,
} from "../transport/pair.ts";
import { until } from "../support.ts";

/** Longer than the way within a machine: the path is measured. */
const DELAY_MS = 20;

peerTest("A probe that is aborted ends, and holds up nobody", async () => {
  const { probePath } = await import("../../lib/publishing/path_probe.ts");
  const { dataPathOf } = await import("../../lib/transport/install.ts");
  let isCut = false;
  using _ = tamperWithDatagrams((_, pass) => {
    if (!isCut) setTimeout(pass, DELAY_MS);
  });
  await using pair = await connectPair();
  const path = dataPathOf(pair.left)!;
  await until(() => path.undeliveredBytes === 0, { what: "a round trip" });
  isCut = true;
  const { signal, controller } = countedSignal();
  const probe = probePath(pair.left, pair.channel, signal);
  await until(() => path.undeliveredBytes > 0, { what: "the probe" });
  controller.abort();
  const before = signal.looks;
  assertEquals(await probe, undefined);
  const looks = signal.looks - before;
  assert(looks < 10, `it looked ${looks} times at a signal that was aborted`);
});

/** A signal that counts how often it is looked at. */
function countedSignal() {
  const controller = new AbortController();
  const counted = Object.assign(controller.signal, { looks: 0 });
  const { get } = Object.getOwnPropertyDescriptor(
    AbortSignal.prototype,
    "aborted",
  )!;
  Object.defineProperty(counted, "aborted", {
    get() {
      counted.looks++;
      return get!.call(counted);
    },
  });
  return { controller, signal: counted };
}
