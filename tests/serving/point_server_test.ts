import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createLogger } from "../../lib/log.ts";
import { testWith } from "../support.ts";

const LISTEN = { hostname: "127.0.0.1", port: 0 };
const log = createLogger({ write: () => {} });

testWith(
  [],
  "A server takes no events beside a host, and says why",
  async () => {
    const { LocalHost } = await import("../../lib/hosting/local_host.ts");
    const { PointServer } = await import("../../lib/serving/point_server.ts");
    await using host = new LocalHost({ log });
    const options = { ...LISTEN, log, host, events: () => ({}) };
    assertThrows(
      // @ts-expect-error: the types refuse it too.
      () => PointServer.listen(options),
      TypeError,
      "PointServer takes events or a host",
    );
  },
);

testWith([], "A server says that another one listens on its port", async () => {
  const { ListenError, PointServer } = await import(
    "../../lib/serving/mod.ts"
  );
  await using first = PointServer.listen({ ...LISTEN, log });
  const { message } = assertThrows(
    () => PointServer.listen({ ...LISTEN, port: first.port, log }),
    ListenError,
  );
  assertStringIncludes(message, "another program listens there");
  assertEquals((await fetch(`${first.url}/healthz`)).status, 200);
});
