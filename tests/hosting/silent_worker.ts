/** A Worker that never says a word. */
addEventListener("message", () => {});
