/** Parts of clouds: by HTTP and by WebRTC, from a real server. */
import {
  assertAlmostEquals,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { namesOf, toFloat32 } from "../../lib/points/cloud.ts";
import { decodeFile } from "../../lib/points/formats.ts";
import { select, type Selection } from "../../lib/points/select.ts";
import { FRAMES_MEDIA_TYPE } from "../../lib/wire/framed_messages.ts";
import { MAX_SELECTIONS } from "../../lib/session/frame_thinner.ts";
import { SignalingError } from "../../lib/signaling/errors.ts";
import { cloudOf, startScene } from "../playing/scene.ts";
import { assertSameBits } from "../points/file_clouds.ts";
import { testWith, until } from "../support.ts";
import { assertProblem } from "./support.ts";

// Of a row of clouds: x is 10,000 times its number and half its points' index.
const BOX = { min: [0, -1, -1], max: [99.5, 1e9, 1e9] } as const;
const PART: Selection = { fields: ["intensity"], every: 2, box: BOX };
/** An offer that has a section, and nothing to connect to. */
const UNUSABLE = [
  ...["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"],
  ...["m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0"],
  ...["a=mid:0", "a=sctp-port:5000", ""],
].join("\r\n");
const QUERY = "fields=intensity&every=2&box=0,-1,-1,99.5,1e9,1e9";

testWith([], "HTTP gives a part of the newest cloud", async (t) => {
  await using scene = await startScene({ name: "robot" });
  scene.source.send(1);
  await until(
    async () => (await scene.server.host.sessions())[0].points.frames === 1,
    { what: "the cloud" },
  );
  const url = `${scene.server.url}/sessions/robot/points`;
  const due = select(cloudOf(0), PART);
  assertEquals(due.points, 100);
  for (const format of ["npy", "pcd", "cloudini"]) {
    await t.step(format, async () => {
      const response = await fetch(`${url}.${format}?${QUERY}`);
      const cloud = await decodeFile(`a.${format}`, await response.bytes());
      assertEquals(namesOf(cloud.fields), namesOf(due.fields));
      const values = toFloat32(cloud);
      toFloat32(due).forEach((value, i) =>
        assertAlmostEquals(values[i], value, 5.1e-4)
      );
    });
  }
  await t.step("one field fewer", async () => {
    const response = await fetch(`${url}.npy?fields=x,constructor`);
    const cloud = await decodeFile("a.npy", await response.bytes());
    assertSameBits(cloud, select(cloudOf(0), { fields: [] }));
  });
  await t.step("frames", async () => {
    const response = await fetch(`${url}.npys?${QUERY}`, {
      headers: { accept: FRAMES_MEDIA_TYPE },
    });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    const text = new TextDecoder("latin1").decode(value);
    assertEquals(text.includes("CLOUDINI"), true);
  });
  await t.step("what is no selection", async () => {
    const wrong = (query: string, detail: string) =>
      fetch(`${url}.npy?${query}`).then((response) =>
        assertProblem(response, 400, detail)
      );
    await wrong("every=0", 'every is "0", not a whole number from 1 to 65536');
    await wrong(
      "fields=x,,z",
      'fields is "x,,z", not up to 64 names, such as x,y,z,rgb',
    );
    for (const box of ["1,2,3", "1,1,1,0,2,2", "0,0,0,1,1,NaN", "0,0,,1,1,1"]) {
      await wrong(
        `box=${box}`,
        `box is "${box}", not the least x,y,z and the greatest, such as ` +
          "-5,-5,0,5,5,2",
      );
    }
  });
});

testWith([], "A watcher is sent the part that it asks for", async () => {
  await using scene = await startScene({ name: "robot" });
  scene.source.send(1);
  await using part = await scene.watch({ session: "robot", selection: PART });
  await using all = await scene.watch({ session: "robot" });
  for (
    const [session, due] of [
      [part, select(cloudOf(0), PART)],
      [all, cloudOf(0)],
    ] as const
  ) {
    for await (const { cloud } of session) {
      assertEquals(namesOf(cloud.fields), namesOf(due.fields));
      assertEquals(toFloat32(cloud), toFloat32(due));
      break;
    }
  }
});

testWith(
  [],
  "A session's watchers want so many parts, and no more",
  async () => {
    await using scene = await startScene({ name: "robot" });
    const watch = (every: number) =>
      scene.watch({ session: "robot", selection: { every } });
    // What can't be answered leaves no selection behind.
    for (let every = 2; every < 2 + 2 * MAX_SELECTIONS; every++) {
      const response = await fetch(
        `${scene.server.url}/whep/robot?every=${every}`,
        {
          method: "POST",
          headers: { "content-type": "application/sdp" },
          body: UNUSABLE,
        },
      );
      assertEquals(response.status, 400, await response.text());
    }
    await using life = new AsyncDisposableStack();
    for (let every = 2; every < 2 + MAX_SELECTIONS; every++) {
      life.use(await watch(every));
    }
    const refused = await assertRejects(() => watch(99), SignalingError);
    assertEquals(refused.status, 429);
    assertStringIncludes(
      refused.message,
      "Watchers of this session have 4 selections (fields, every, box) already: " +
        "take one of theirs, or all of it",
    );
    life.use(await watch(2));
    await life.disposeAsync();
    await until(async () => {
      try {
        await using _ = await watch(99);
        return true;
      } catch (error) {
        assertInstanceOf(error, SignalingError);
        return false;
      }
    }, { what: "room for another part" });
  },
);
