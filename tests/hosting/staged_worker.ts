/**
 * A Worker that does what its turn is, by folders that it makes in the
 * folder that its URL names: the first fails when there is a second, the second starts when
 * there is a third, and all others say nothing.
 */
/** Time between two looks for a folder, milliseconds. */
const LOOK_MS = 10;

const { postMessage } = self as unknown as { postMessage(data: unknown): void };

const folder = new URL(import.meta.url).searchParams.get("folder");

addEventListener("message", () => {
  const turn = [1, 2, 3].find((n) => isFirstToMake(`${folder}/${n}`));
  const failed = { type: "failed", message: "it is the first" };
  if (turn === 1) sayWhenThere(`${folder}/2`, failed);
  if (turn === 2) sayWhenThere(`${folder}/3`, { type: "started" });
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
