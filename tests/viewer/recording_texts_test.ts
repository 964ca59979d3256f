import { assertEquals } from "@std/assert";
import {
  describeRecording,
  formatTime,
  speakTime,
} from "../../lib/viewer/recording_texts.ts";

Deno.test("times of a recording are written as players do", () => {
  assertEquals(formatTime(0), "0:00");
  assertEquals(formatTime(7_999), "0:07");
  assertEquals(formatTime(754_000), "12:34");
  assertEquals(formatTime(3_723_000), "1:02:03");
  assertEquals(speakTime(7_000), "7 seconds");
  assertEquals(speakTime(3_723_000), "62 minutes 3 seconds");
});

Deno.test("a recording is named by session, start and length", () => {
  const one = {
    name: "robot-7-20261130T010203Z.mcap",
    session: "robot-7",
    start: "2026-11-30T12:02:03.456Z",
    seconds: 61.5,
    isWriting: false,
  };
  const [session, , length] = describeRecording(one, "en").split(" · ");
  assertEquals([session, length], ["robot-7", "1:01"]);
  const goesOn = { ...one, seconds: null, isWriting: true };
  assertEquals(describeRecording(goesOn).split(" · ").at(-1), "goes on");
  const cutOff = { ...one, seconds: null };
  assertEquals(describeRecording(cutOff).split(" · ").length, 2);
});
