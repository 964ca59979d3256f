import { assertEquals } from "@std/assert";
import type { FrameInfo } from "../../lib/wire/frame.ts";
import { AckSender } from "../../lib/session/ack_sender.ts";
import type { AckMessage } from "../../lib/wire/messages.ts";

/** A clock that goes on only when a test says so, in place of the real one. */
class FakeClock implements Disposable {
  static readonly EPOCH = 1_700_000_000_000;
  readonly #real = { setTimeout, clearTimeout, now: Date.now };
  readonly #timers = new Map<number, { due: number; run: () => void }>();
  #elapsed = 0;
  #id = 0;

  constructor() {
    Date.now = () => FakeClock.EPOCH + this.#elapsed;
    Object.defineProperty(performance, "now", {
      configurable: true,
      value: () => this.#elapsed,
    });
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms: number) => {
        this.#timers.set(++this.#id, { due: this.#elapsed + ms, run });
        return this.#id;
      },
      clearTimeout: (id: number) => this.#timers.delete(id),
    });
  }

  get timers(): number {
    return this.#timers.size;
  }

  advance(ms: number): void {
    const end = this.#elapsed + ms;
    while (true) {
      const [next] = [...this.#timers].sort((a, b) => a[1].due - b[1].due);
      if (next === undefined || next[1].due > end) break;
      this.#timers.delete(next[0]);
      this.#elapsed = next[1].due;
      next[1].run();
    }
    this.#elapsed = end;
  }

  [Symbol.dispose](): void {
    const { now, ...timers } = this.#real;
    Date.now = now;
    Object.assign(globalThis, timers);
    // What hides the prototype's own.
    Reflect.deleteProperty(performance, "now");
  }
}

function info(number: number, points = 100): FrameInfo {
  return { number, codec: "f32", points, captureTime: 5 };
}

function setUp() {
  const sent: AckMessage[] = [];
  const acks = new AckSender((text) => sent.push(JSON.parse(text)));
  return { sent, acks };
}

Deno.test("AckSender says hello", () => {
  const { sent, acks } = setUp();
  acks.hello();
  const hello: unknown = { type: "hello", protocol: "pointwire.v1" };
  assertEquals(sent as unknown[], [hello]);
});

Deno.test("AckSender acknowledges the first frame at once", () => {
  using clock = new FakeClock();
  const { sent, acks } = setUp();
  acks.hello();
  acks.received(info(7, 250));
  assertEquals(sent.slice(1), [{
    type: "ack",
    frame: 7,
    points: 250,
    frames: 1,
    receivedAt: FakeClock.EPOCH,
    heldMs: 0,
  }]);
  assertEquals(clock.timers, 0);
});

Deno.test("AckSender acknowledges at once what comes at the original's rate", () => {
  using clock = new FakeClock();
  const { sent, acks } = setUp();
  for (let frame = 0; frame < 5; frame++) {
    acks.received(info(frame));
    clock.advance(250);
  }
  assertEquals(sent.map(({ frame }) => frame), [0, 1, 2, 3, 4]);
  assertEquals(sent.every(({ heldMs }) => heldMs === 0), true);
});

Deno.test("AckSender tells the newest of the frames that come faster", () => {
  using clock = new FakeClock();
  const { sent, acks } = setUp();
  acks.received(info(0));
  clock.advance(100);
  acks.received(info(1, 10));
  clock.advance(50);
  acks.received(info(2, 20));
  assertEquals(sent.length, 1);
  clock.advance(100);
  assertEquals(sent.slice(1), [{
    type: "ack",
    frame: 2,
    points: 20,
    frames: 3,
    receivedAt: FakeClock.EPOCH + 150,
    heldMs: 100,
  }]);
});

Deno.test("AckSender sends at most 4 a second, and leaves no frame untold", () => {
  using clock = new FakeClock();
  const { sent, acks } = setUp();
  for (let frame = 0; frame < 1000; frame++) {
    acks.received(info(frame));
    clock.advance(10);
  }
  // In 10 seconds, and one at the start.
  assertEquals(sent.length, 41);
  clock.advance(250);
  assertEquals([sent.at(-1)?.frame, sent.at(-1)?.frames], [999, 1000]);
  assertEquals(clock.timers, 0);
  // Nothing new, and so nothing to tell.
  const { length } = sent;
  clock.advance(10_000);
  assertEquals(sent.length, length);
});

Deno.test("AckSender tells each checksum once", () => {
  using clock = new FakeClock();
  const { sent, acks } = setUp();
  acks.received(info(0), 111);
  acks.received(info(1), 222);
  acks.received(info(2));
  acks.received(info(3), 0);
  clock.advance(250);
  clock.advance(250);
  acks.received(info(4));
  assertEquals(sent.map(({ checksums }) => checksums), [
    [[0, 111]],
    [[1, 222], [3, 0]],
    undefined,
  ]);
});

Deno.test("AckSender sends nothing after it was disposed of", () => {
  using clock = new FakeClock();
  const { sent, acks } = setUp();
  acks.received(info(0));
  acks.received(info(1));
  assertEquals(clock.timers, 1);
  acks[Symbol.dispose]();
  acks[Symbol.dispose]();
  assertEquals(clock.timers, 0);
  clock.advance(1000);
  assertEquals(sent.length, 1);
});
