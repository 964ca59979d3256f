/** How to start a client, in the page's words. */
export interface ClientStart {
  /** Where to run the command. */
  how: string;
  command: string;
  /** The server's other addresses, in a sentence; empty where it has none. */
  others: string;
}

/**
 * Tells how to start a client of a server.
 *
 * @param origin the server's URL as the page was opened by.
 * @param urls its URLs for other machines; none where only this one reaches it.
 */
export function clientStart(origin: string, urls: string[]): ClientStart {
  const [first = origin, ...others] = urls;
  return {
    how: urls.length > 0
      ? "Start a client on any machine that reaches the server:"
      : "Start a client on this machine:",
    command: `deno task client --signaling ${first}/offer ` +
      "--source lidar --duration 0",
    others: others.length > 0
      ? `The server is at ${others.join(" and ")}, too.`
      : "",
  };
}
