import { assert, assertEquals, assertThrows } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { HttpListener } from "../../lib/serving/http_listener.ts";
import { makeIdentity } from "../auth/certificates.ts";
import { testWith, until } from "../support.ts";

const SILENT = createLogger({ write: () => {} });

/** Bytes as somebody sends them. */
function source() {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const stream = new ReadableStream<Uint8Array>({
    start: (own) => void (controller = own),
  });
  return {
    stream,
    send: (byte: number) => controller.enqueue(new Uint8Array([byte])),
    end: () => controller.close(),
  };
}

/** Tells whether a request gets an answer, where one authority is trusted. */
async function trusted(url: string, ca: string): Promise<boolean> {
  using client = Deno.createHttpClient({
    caCerts: [ca],
    poolMaxIdlePerHost: 0,
  });
  try {
    return await (await fetch(url, { client })).text() === "all";
  } catch {
    return false;
  }
}

for (const http2 of [true, false]) {
  testWith(
    [],
    `an answer goes on while the certificate changes, HTTP/${http2 ? 2 : 1}`,
    async () => {
      const [before, after] = [await makeIdentity(), await makeIdentity()];
      const { stream, send, end } = source();
      const options = {
        hostname: "127.0.0.1",
        port: 0,
        tls: before,
        log: SILENT,
      };
      const listener = new HttpListener(
        options,
        ({ url }) => new Response(url.endsWith("/stream") ? stream : "all"),
      );
      assertEquals(listener.protocol, "https");
      const { port } = listener.addr;
      const url = `https://127.0.0.1:${port}/`;
      const trusts = (ca: string) => trusted(url, ca);
      using client = Deno.createHttpClient({
        caCerts: [before.ca],
        http2,
        http1: !http2,
      });
      const reader = (await fetch(`${url}stream`, { client })).body!
        .getReader();
      const next = async () => (await reader.read()).value?.[0];
      send(1);
      assertEquals(await next(), 1);

      // What can't be used changes nothing.
      const mixed = { cert: after.cert, key: before.key };
      assertThrows(() => listener.replaceCertificate(mixed));
      assert(await trusts(before.ca));
      listener.replaceCertificate(after);
      assertEquals(listener.addr.port, port);
      // The first one stops a moment later.
      await until(async () => !await trusts(before.ca), {
        what: "the end of the old certificate",
      });
      await until(() => trusts(after.ca), { what: "the new certificate" });
      send(2);
      assertEquals(await next(), 2);
      end();
      assertEquals(await next(), undefined);
      await listener.shutdown();
      await listener.finished;
    },
  );
}

testWith([], "a port with TLS is not shared with another program", async () => {
  const tls = await makeIdentity();
  const options = { hostname: "127.0.0.1", tls, log: SILENT };
  const first = new HttpListener({ ...options, port: 0 }, () => new Response());
  const { port } = first.addr;
  assertThrows(
    () => new HttpListener({ ...options, port }, () => new Response()),
    Deno.errors.AddrInUse,
  );
  await first.shutdown();
  const second = new HttpListener({ ...options, port }, () => new Response());
  assertEquals(second.addr.port, port);
  await second.shutdown();
  second.replaceCertificate(tls);
  assert(second.addr.port === port, "closed for good");
});
