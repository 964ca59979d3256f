/** Debian's Firefox: the page of a server, and a peer over WHIP and WHEP. */
/// <reference lib="dom" />
import { assertEquals, assertGreater } from "@std/assert";
import { startClient, startServer } from "../../tools/processes.ts";
import { testWith, until } from "../support.ts";
import { startFirefox } from "./bidi.ts";
import { assertPublishes, assertWatches, type Driver } from "./foreign.ts";

// Cisco's H.264 is fetched by Firefox itself, which a test doesn't wait for.
const FIREFOX: Driver = {
  program: Deno.execPath(),
  args: ["run", "-A", "--quiet", "tests/peers/firefox.ts"],
};

testWith(
  ["firefox"],
  "Firefox publishes VP8 and Opus, and points",
  async () => {
    const { video } = await assertPublishes(FIREFOX, {
      codec: "VP8",
      clouds: 6,
    });
    // Firefox scales its pictures down until it knows the path.
    assertEquals(video.width! / video.height!, 4 / 3);
  },
);

testWith(
  ["firefox", "ffmpeg"],
  "Firefox watches VP8 and Opus, and points",
  async () => {
    const { size } = await assertWatches(FIREFOX, { codec: "VP8", clouds: 6 });
    assertEquals(size, [320, 240]);
  },
);

testWith(
  ["firefox", "ffmpeg"],
  "Firefox shows points and picture on the server's page",
  async () => {
    await using server = await startServer();
    await using _client = startClient(server, [
      ...["--points", "5000", "--duration", "0"],
    ]);
    await server.waitForLog(
      "the connection",
      (line) => line.message === "session connected",
    );
    const errors: string[] = [];
    await using tab = await startFirefox((level, text) => {
      if (level === "error") errors.push(text);
    });
    await tab.open(server.url);
    const shown = await until(async () => {
      const shown = await tab.run(() => {
        const video = document.querySelector("video");
        return {
          frames: Number(document.documentElement.dataset.frames ?? 0),
          size: [video?.videoWidth, video?.videoHeight],
          seconds: video?.currentTime ?? 0,
        };
      });
      return shown.frames >= 4 && shown.seconds > 1 ? shown : undefined;
    }, { what: () => `points and a picture (${errors})`, within: 30_000 });
    assertEquals(shown.size, [320, 240]);
    assertEquals(errors, []);
    assertGreater(shown.frames, 0);
  },
);
