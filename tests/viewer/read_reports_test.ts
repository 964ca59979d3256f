import { assertEquals } from "@std/assert";
import { ReadReports } from "../../lib/viewer/read_reports.ts";
import { until } from "../support.ts";

/** A server that takes reports, as long as it is there. */
function startServer({ isHidden = false } = {}) {
  const told: number[] = [];
  const server = { isThere: true };
  const reports = new ReadReports({
    signal: new AbortController().signal,
    isHidden: () => isHidden,
    fetch(url, { method, body } = {}) {
      assertEquals([`${url}`, method], [`/readings/${reports.id}`, "PUT"]);
      told.push(JSON.parse(`${body}`).bytes);
      if (!server.isThere) return Promise.reject(new TypeError("it is gone"));
      const time = Date.now() + 60_000;
      return Promise.resolve(Response.json({ receive: time, transmit: time }));
    },
  });
  const body = new TransformStream<
    Uint8Array<ArrayBuffer>,
    Uint8Array<ArrayBuffer>
  >();
  const writer = body.writable.getWriter();
  const reader = reports.count(body.readable).getReader();
  return {
    ...{ told, server, reports },
    /** Has so many bytes come, and be read. */
    async come(bytes: number) {
      const written = writer.write(new Uint8Array(bytes));
      const { value } = await reader.read();
      assertEquals(value?.length, bytes);
      await written;
    },
  };
}

Deno.test("what is read is told, once, and compares the clocks", async () => {
  const { come, told, reports } = startServer();
  using _ = reports;
  assertEquals(/^[\w-]{16,64}$/.test(reports.id), true);
  assertEquals(reports.serverClock, undefined);
  await come(10);
  await come(20);
  await until(() => told.at(-1) === 30, { what: "a report" });
  await until(() => reports.serverClock !== undefined, { what: "an answer" });
  assertEquals(Math.round(reports.serverClock!.offset / 1000), 60);
  await come(5);
  await until(() => told.at(-1) === 35, { what: "the next report" });
  assertEquals(told, [...new Set(told)]);
});

Deno.test("a hidden page, whose timers are late, reports what comes at once", async () => {
  const { come, told, server, reports } = startServer({ isHidden: true });
  using _ = reports;
  await come(10);
  assertEquals(told, [10]);
  await until(() => reports.serverClock !== undefined, { what: "an answer" });
  server.isThere = false;
  await come(10);
  await until(() => told.includes(20), { what: "the next report" });
  // It isn't tried again and again without a pause.
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  assertEquals(told.length < 10, true, `${told}`);
  reports[Symbol.dispose]();
  const { length } = told;
  await come(10);
  assertEquals(told.length, length, "it is over");
});
