/**
 * A Worker that does what its turn is, by folders that it makes where it is
 * told to record: the first fails when there is a second, the second starts when
 * there is a third, and all others say nothing.
 */
import type { WorkerSettings } from "../../lib/hosting/worker_messages.ts";

/** Time between two looks for a folder, milliseconds. */
const LOOK_MS = 10;

const { postMessage } = self as unknown as { postMessage(data: unknown): void };

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<WorkerSettings>;
  const turn = [1, 2, 3].find((n) => isFirstToMake(`${data.record}/${n}`));
  const failed = { type: "failed", message: "it is the first" };
  if (turn === 1) sayWhenThere(`${data.record}/2`, failed);
  if (turn === 2) sayWhenThere(`${data.record}/3`, { type: "started" });
}, { once: true });

function isFirstToMake(folder: string): boolean {
  try {
    Deno.mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function sayWhenThere(folder: string, message: unknown): void {
  const timer = setInterval(() => {
    try {
      Deno.statSync(folder);
    } catch {
      return;
    }
    clearInterval(timer);
    postMessage(message);
  }, LOOK_MS);
}
