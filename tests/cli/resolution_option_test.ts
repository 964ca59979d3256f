import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../lib/cli/options.ts";
import { readResolutions } from "../../lib/cli/resolution_option.ts";

Deno.test("readResolutions() reads a step for positions, and steps by name", () => {
  assertEquals(readResolutions("0.01"), { resolution: 0.01, resolutions: {} });
  assertEquals(readResolutions("intensity=0.01, range=5e-3"), {
    resolutions: { intensity: 0.01, range: 0.005 },
  });
  assertEquals(readResolutions("x=0.5,0.002,toString=1"), {
    resolution: 0.002,
    resolutions: { x: 0.5, toString: 1 },
  });
});

Deno.test("readResolutions() says what is wrong", () => {
  const wrong: Record<string, string> = {
    "fine": '"fine" is no step',
    "": '"" is no step',
    "a=1,": '"" is no step',
    "=1": '"=1" is no step',
    "a=": '"" is no step',
    "a=b": '"b" is no step',
    "a=1=2": '"a=1=2" is no step',
    "0.1,0.2": "two steps for positions",
    "a=1,a=2": "two steps for a",
    "0": "the step 0, not one from 1e-9 to 1000000000",
    "a=-1": "the step -1",
    "1e10": "the step 1e10",
    "Infinity": "the step Infinity",
  };
  for (const [text, words] of Object.entries(wrong)) {
    assertThrows(() => readResolutions(text), UsageError, words);
  }
});
