/**
 * A Worker that does what its turn is, by folders that it makes where it is
 * told to record: the first fails, the second starts when there is a third, and
 * all others say nothing.
 */
import type { WorkerSettings } from "../../lib/hosting/worker_messages.ts";

/** Time between two looks for the third, milliseconds. */
const LOOK_MS = 10;

const { postMessage } = self as unknown as { postMessage(data: unknown): void };

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<WorkerSettings>;
  const turn = [1, 2, 3].find((n) => isFirstToMake(`${data.record}/${n}`));
  if (turn === 1) postMessage({ type: "failed", message: "it is the first" });
  if (turn === 2) whenThere(`${data.record}/3`);
}, { once: true });

function isFirstToMake(folder: string): boolean {
  try {
    Deno.mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function whenThere(folder: string): void {
  const timer = setInterval(() => {
    try {
      Deno.statSync(folder);
    } catch {
      return;
    }
    clearInterval(timer);
    postMessage({ type: "started" });
  }, LOOK_MS);
}
