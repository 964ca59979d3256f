import { assertEquals, assertThrows } from "@std/assert";
import { HostError } from "../../lib/hosting/host_error.ts";
import { SessionNames } from "../../lib/hosting/session_names.ts";
import { ScriptedHost, snapshotOf } from "../observability/support.ts";

const REMOTE = "192.0.2.1";

function setUp() {
  const script = new ScriptedHost();
  const names = new SessionNames(script.host);
  const answer = (id: string, name: string) =>
    script.observer.onAnswered!(snapshotOf(id, 0, { name }));
  const connect = (id: string, name: string, connectedAt?: string) =>
    script.observer.onConnected!(
      snapshotOf(id, 0, { name, ...connectedAt && { connectedAt } }),
    );
  const close = (id: string, name: string) =>
    script.close(snapshotOf(id, 0, { name }));
  /** Has a session made, as a host does; gives its name. */
  const open = (
    id: string,
    asked: { name?: string; machine?: string; resumes?: string },
  ): string => {
    using reserved = names.reserve({ offer: "", remote: REMOTE, ...asked });
    answer(id, reserved.name);
    return reserved.name;
  };
  return { names, open, connect, close };
}

Deno.test("A name is one session's until that ends", () => {
  const { names, open, close } = setUp();
  assertEquals(names.idOf("robot-7"), "robot-7");
  open("a", { name: "robot-7" });
  assertEquals([names.idOf("robot-7"), names.idOf("a")], ["a", "a"]);
  const error = assertThrows(() => open("b", { name: "robot-7" }), HostError);
  assertEquals(error.code, "name-taken");
  assertEquals(
    error.message,
    "The name robot-7 is in use: another session has it until it ends",
  );
  close("a", "robot-7");
  assertEquals(open("b", { name: "robot-7" }), "robot-7");
  assertEquals(names.idOf("robot-7"), "b");
});

Deno.test("A name is kept while an offer is answered, and free where that fails", () => {
  const { names, open } = setUp();
  const request = { offer: "", remote: REMOTE, name: "robot-7" };
  {
    using _reserved = names.reserve(request);
    assertThrows(() => open("a", { name: "robot-7" }), HostError);
  }
  assertEquals(open("a", { name: "robot-7" }), "robot-7");
});

Deno.test("Who comes back has its name from when it is connected", () => {
  const { names, open, connect, close } = setUp();
  open("a", { name: "robot-7" });
  assertEquals(open("b", { name: "robot-7", resumes: "a" }), "robot-7");
  assertEquals(names.idOf("robot-7"), "a");
  connect("b", "robot-7");
  assertEquals(names.idOf("robot-7"), "b");
  close("a", "robot-7");
  assertEquals(names.idOf("robot-7"), "b");
  // An answer that was lost: it comes again for the one before.
  open("c", { name: "robot-7", resumes: "a" });
  close("b", "robot-7");
  assertEquals(names.idOf("robot-7"), "c");
  assertThrows(() => open("d", { name: "robot-7", resumes: "x" }), HostError);
  close("c", "robot-7");
  assertEquals(names.idOf("robot-7"), "robot-7");
});

Deno.test("Without a name it is called like its machine, or its address", () => {
  const { open, close } = setUp();
  assertEquals(open("a", { machine: "Jo's PC" }), "Jo-s-PC");
  assertEquals(open("b", { machine: "Jo's PC" }), "Jo-s-PC-2");
  assertEquals(open("c", { machine: "Jo-s-PC" }), "Jo-s-PC-3");
  assertEquals(open("d", {}), REMOTE);
  assertEquals(open("e", {}), `${REMOTE}-2`);
  close("a", "Jo-s-PC");
  const again = { machine: "Jo-s-PC-2", resumes: "b" };
  assertEquals(open("f", again), "Jo-s-PC-2");
  assertEquals(open("g", { machine: "Jo's PC" }), "Jo-s-PC");
});

Deno.test("Nobody is called by another's id", () => {
  const { names, open, close } = setUp();
  open("a", { name: "robot-7" });
  assertThrows(() => open("b", { name: "a" }), HostError);
  assertEquals(open("b", { machine: "a" }), "a-2");
  close("a", "robot-7");
  assertThrows(() => open("c", { name: "a" }), HostError);
  assertEquals(names.idOf("a"), "a");
});

Deno.test("What is over is forgotten in the end", () => {
  const { open, close } = setUp();
  for (let i = 0; i <= 1_000; i++) {
    open(`${i}`, { name: `robot-${i}` });
    close(`${i}`, `robot-${i}`);
  }
  assertThrows(() => open("x", { name: "1" }), HostError);
  assertEquals(open("y", { name: "0" }), "0");
});

Deno.test("Of two that have a name, as nodes were apart, the newer one is called so", () => {
  const { names, open, connect, close } = setUp();
  open("b", { name: "robot-7" });
  connect("b", "robot-7", "2026-11-30T00:00:02.000Z");
  // Told later, of another node, by which it was given before.
  open("a", { name: "robot-7", resumes: "b" });
  connect("a", "robot-7", "2026-11-30T00:00:01.000Z");
  assertEquals(names.idOf("robot-7"), "b");
  close("b", "robot-7");
  assertEquals(names.idOf("robot-7"), "a");
});
