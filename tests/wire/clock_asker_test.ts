import { assert, assertEquals, assertLess } from "@std/assert";
import { ClockAnswerer, ClockAsker } from "../../lib/wire/clock_asker.ts";
import {
  parseClientMessage,
  parseServerMessage,
  type TimeMessage,
} from "../../lib/wire/messages.ts";
import { until } from "../support.ts";

/** A question or an answer, as the other side reads it. */
function sent(message: TimeMessage): TimeMessage {
  const text = JSON.stringify(message);
  const read = parseServerMessage(text);
  assert(read?.type === "time");
  assertEquals(parseClientMessage(text), read);
  return read;
}

Deno.test("ClockAsker asks until disposed of, and knows the other clock", async () => {
  const ahead = 12_345;
  const answerer = new ClockAnswerer();
  let questions = 0;
  using asker = new ClockAsker((question) => {
    questions++;
    const answer = answerer.answer(sent(question));
    if (answer === undefined) return;
    const { receive, transmit } = answer;
    // It comes later, and by another clock.
    queueMicrotask(() =>
      asker.take(sent({
        ...answer,
        receive: receive! + ahead,
        transmit: transmit! + ahead,
      }))
    );
  });
  assertEquals(asker.offset, undefined);
  asker.start();
  asker.start();
  assertEquals(questions, 1);
  await until(() => questions >= 2, { what: "a second question" });
  const { offset, error } = asker.offset!;
  assertLess(Math.abs(offset - ahead), error + 1);
});

Deno.test("ClockAsker takes no answer to what it didn't ask", () => {
  using asker = new ClockAsker(() => {});
  const answer = { type: "time", origin: 5, receive: 9e9, transmit: 9e9 };
  asker.take(sent(answer as TimeMessage));
  asker.start();
  asker.take(sent(answer as TimeMessage));
  assertEquals(asker.offset, undefined);
});

Deno.test("ClockAnswerer answers questions alone, and not too many", () => {
  const answerer = new ClockAnswerer();
  const question: TimeMessage = { type: "time", origin: 1 };
  const answer = answerer.answer(question);
  assertEquals(answer?.origin, 1);
  assertEquals(answerer.answer(question), undefined);
  assertEquals(new ClockAnswerer().answer(answer!), undefined);
});

Deno.test("a message about time that lacks some of it is none", () => {
  for (
    const message of [
      { type: "time" },
      { type: "time", origin: "1" },
      { type: "time", origin: 1, receive: 2 },
      { type: "time", origin: 1, receive: 2, transmit: null },
      { type: "clock", offset: 1 },
      { type: "clock", offset: 1, error: -1 },
    ]
  ) {
    const text = JSON.stringify(message);
    assertEquals(parseClientMessage(text), undefined, text);
    assertEquals(parseServerMessage(text), undefined, text);
  }
});
