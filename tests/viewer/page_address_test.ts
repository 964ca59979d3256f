import { assertEquals } from "@std/assert";
import {
  readAddress,
  readSelection,
  withAsked,
} from "../../lib/viewer/page_address.ts";

Deno.test("an address asks for a session or a recording, not for both", () => {
  const asked = (search: string) => readAddress({ search });
  assertEquals(asked(""), {});
  assertEquals(asked("?watch=lab/robot-7"), { watch: "lab/robot-7" });
  assertEquals(asked("?recording=a.mcap&watch=b"), { recording: "a.mcap" });
  const href = "https://robots.example/?watch=a&theme=dark";
  assertEquals(
    withAsked(href, { recording: "lab_a b.mcap" }).search,
    "?theme=dark&recording=lab_a+b.mcap",
  );
  assertEquals(
    withAsked(href, { watch: "lab/b" }).search,
    "?watch=lab/b&theme=dark",
  );
});

Deno.test("an address asks for a part of the clouds", () => {
  const search = "?watch=a&box=-1,-1,0,1,1,2&every=2&token=x";
  assertEquals(
    readSelection({ search }),
    "?every=2&box=-1%2C-1%2C0%2C1%2C1%2C2",
  );
  assertEquals(readSelection({ search: "?watch=a" }), "");
});
