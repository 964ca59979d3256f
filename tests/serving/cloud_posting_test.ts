import { assertEquals, assertRejects } from "@std/assert";
import { HostError } from "../../lib/hosting/host_error.ts";
import type { Poster } from "../../lib/hosting/far_posting.ts";
import type { Answered, HostObserver } from "../../lib/hosting/session_host.ts";
import type { Access } from "../../lib/serving/access.ts";
import {
  CloudPosting,
  type CloudPostingOptions,
} from "../../lib/serving/cloud_posting.ts";
import { HttpProblem } from "../../lib/serving/problem.ts";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";

/** Of 64 ids one begins so, as no name does. */
const ID = "-8EVf7rR0hkTn1T0V4hDsg";

Deno.test("Nobody posts to a session by WebRTC, whatever its id begins with", async () => {
  const observers: HostObserver[] = [];
  const options = {
    host: {
      subscribe: (observer: HostObserver) => {
        observers.push(observer);
        return { [Symbol.dispose]: () => {} };
      },
    },
    publishing: {
      open: () => Promise.reject(new HostError("name-taken", "in use")),
    },
    lineages: {},
  } as unknown as CloudPostingOptions;
  using posting = new CloudPosting(options);
  const open = () =>
    posting.open(
      { session: ID, remote: "127.0.0.1", access: {} as Access },
      () => {},
    );
  await assertRejects(open, HttpProblem, ID);
  const [{ onAnswered, onClosed }] = observers;
  const session = { id: ID, name: "robot" } as SessionSnapshot;
  onAnswered!(session);
  await assertRejects(open, HostError, "in use");
  onClosed!(session, "it is over", "ended");
  await assertRejects(open, HttpProblem, ID);
});

Deno.test("A session of another node counts as new until it takes something", async () => {
  const observers: HostObserver[] = [];
  let isTaken = false;
  const taking = {
    post: () =>
      isTaken
        ? Promise.resolve(undefined)
        : Promise.reject(new HostError("name-taken", "in use")),
  };
  using posting = new CloudPosting({
    host: {
      subscribe: (observer: HostObserver) => {
        observers.push(observer);
        return { [Symbol.dispose]: () => {} };
      },
    },
    lineages: { checkOwn: () => {} },
    far: { has: (id: string) => id === ID, posterOf: () => taking, lend() {} },
  } as unknown as CloudPostingOptions);
  const session = { id: ID, name: "robot" } as SessionSnapshot;
  observers[0].onFound!(session);
  observers[0].onAnswered!(session);
  let offers = 0;
  const post = async () => {
    const asked = { session: ID, remote: "", access: {} as Access };
    const { poster } = await posting.open(asked, () => offers++);
    await poster.post({ stream: "points", type: "message", message: "{}" });
  };
  await assertRejects(post, HostError, "in use");
  await assertRejects(post, HostError, "in use");
  assertEquals(offers, 2);
  isTaken = true;
  for (let i = 0; i < 3; i++) await post();
  assertEquals(offers, 3);
});

Deno.test("What another node posts waits for a session that is being made", async () => {
  const observers: HostObserver[] = [];
  const made = Promise.withResolvers<Answered>();
  let lent: (session: string) => Poster = () => {
    throw new Error("Nothing was lent");
  };
  using posting = new CloudPosting({
    host: {
      subscribe: (observer: HostObserver) => {
        observers.push(observer);
        return { [Symbol.dispose]: () => {} };
      },
    },
    publishing: {
      open: (_request: unknown, _access: unknown, port: MessagePort) => {
        port.onmessage = () => port.postMessage({ mistake: "it came" });
        return made.promise;
      },
    },
    lineages: { checkOwn: () => {} },
    far: {
      has: () => false,
      posterOf: () => Promise.reject(),
      lend: (posterOf: typeof lent) => lent = posterOf,
    },
  } as unknown as CloudPostingOptions);
  const opened = posting.open(
    { session: "robot", remote: "", access: {} as Access },
    () => {},
  );
  observers[0].onAnswered!({ id: ID, name: "robot" } as SessionSnapshot);
  const message = { stream: "points", type: "message", message: "{}" } as const;
  const posted = lent(ID).post(message);
  made.resolve({ id: ID, name: "robot", sdp: "" });
  assertEquals(await posted, "it came");
  await opened;
});
