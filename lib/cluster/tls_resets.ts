/**
 * Keeps the program alive where a connection under TLS is reset.
 *
 * The NATS client takes its listeners off the TCP socket that it hands to TLS.
 * What that socket says then is an error that nobody takes, which ends a
 * program, while TLS itself tells the client that it is closed.
 *
 * @returns what ends that, a while later: sockets that were given up may say
 * something still.
 */
export function outliveTlsResets(): Disposable {
  const take = (event: ErrorEvent) => {
    const { code, syscall } = (event.error ?? {}) as Record<string, unknown>;
    if (code === "ECONNRESET" && syscall === "read") event.preventDefault();
  };
  addEventListener("error", take);
  return {
    [Symbol.dispose]() {
      Deno.unrefTimer(
        setTimeout(() => removeEventListener("error", take), LINGER_MS),
      );
    },
  };
}

/** How long a socket that was given up may be heard of, milliseconds. */
const LINGER_MS = 5_000;
