import { assertEquals, assertThrows } from "@std/assert";
import {
  linesOf,
  parseDescription,
  SdpError,
  writeDescription,
} from "../../../lib/transport/sdp/description.ts";
import {
  attributeOf,
  directionOf,
  mediaLineOf,
} from "../../../lib/transport/sdp/section.ts";

const LINES = ["v=0", "s=-", "m=audio 9 RTP 0", "a=x", "m=video 9 RTP 1"];

Deno.test("a description is the session's lines and the sections'", () => {
  for (const end of ["\r\n", "\n"]) {
    const parsed = parseDescription([...LINES, "", ""].join(end));
    assertEquals(parsed, {
      session: ["v=0", "s=-"],
      sections: [["m=audio 9 RTP 0", "a=x"], ["m=video 9 RTP 1"]],
    });
    assertEquals(linesOf(parsed), LINES);
    assertEquals(writeDescription(parsed), LINES.join("\r\n") + "\r\n");
  }
});

Deno.test("no line has a carriage return inside", () => {
  const cases: [text: string, why: string][] = [
    ["v=0\rm=audio 9 RTP 0", 'The SDP does not begin with "v=0"'],
    ["v=0\r\ns=-\rm=x", "Line 2 of the SDP has a carriage return inside"],
    ["v=0\n\rs=-", "Line 2 of the SDP has a carriage return inside"],
    ["v=0\ns=-\r\r\n", "Line 2 of the SDP has a carriage return inside"],
    ["v=0\r\na=candidate:\r", "Line 2 of the SDP has a carriage return inside"],
  ];
  for (const [text, why] of cases) {
    assertThrows(() => parseDescription(text), SdpError, why);
  }
});

Deno.test("a description that is none is named", () => {
  const cases: [text: string, why: string][] = [
    ["", "The SDP is empty"],
    ["\r\n \n", "The SDP is empty"],
    ["m=audio 9 RTP 0", 'The SDP does not begin with "v=0"'],
    ["v=0\r\n\r\nnonsense", "Line 3 of the SDP is not of the form x=value"],
  ];
  for (const [text, why] of cases) {
    assertThrows(() => parseDescription(text), SdpError, why);
  }
});

Deno.test("a section says what it is of", () => {
  assertEquals(mediaLineOf(["m=video 5/2 UDP/TLS/RTP/SAVPF 96  97"]), {
    ...{ kind: "video", port: 5, protocol: "UDP/TLS/RTP/SAVPF" },
    formats: ["96", "97"],
  });
  for (const line of ["m=", "m=video 9", "m=video x RTP 0", "m=video 9 RTP"]) {
    assertThrows(() => mediaLineOf([line]), SdpError, "no media section");
  }
  const lines = ["m=audio 9 RTP 0", "a=midi:3", "a=mid:b", "a=recvonly"];
  assertEquals(attributeOf(lines, "mid"), "b");
  assertEquals(attributeOf(lines, "recvonly"), "");
  assertEquals(attributeOf(lines, "setup"), undefined);
  assertEquals(directionOf(lines), "recvonly");
  assertEquals(directionOf(["a=recvonlyish"]), undefined);
});
