/** A Worker that loads, and says that it can't start. */
const { postMessage } = self as unknown as { postMessage(data: unknown): void };

addEventListener("message", () => {
  postMessage({ type: "failed", message: "It lacks something at its start" });
}, { once: true });
