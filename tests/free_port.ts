/** Ports below those that systems choose from where a program asks for any. */
const FIRST = 20_000;
const END = 32_768;

/**
 * A port of loopback that neither UDP nor TCP uses just now, and that nobody
 * is given meanwhile who lets the system choose.
 */
export function freePort(): number {
  while (true) {
    const port = FIRST + Math.floor(Math.random() * (END - FIRST));
    const at = { hostname: "127.0.0.1", port };
    try {
      Deno.listen(at).close();
      Deno.listenDatagram({ transport: "udp", ...at }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
