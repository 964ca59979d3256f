import { assert, assertEquals, assertMatch } from "@std/assert";
import type { SessionSnapshot } from "../../lib/session/snapshot.ts";
import { JSON_BODY, temporaryFolder, testWith } from "../support.ts";
import {
  getJson,
  Process,
  startClient,
  startServer,
} from "../../tools/processes.ts";

/** Command lines that can't be understood, and what is said of them. */
const USAGE: [program: "server" | "client", args: string[], RegExp][] = [
  ["client", ["--points", "0"], /^--points is a whole number from 1 to /],
  ["client", ["--points", "1.5"], /^--points is a whole number/],
  ["client", ["--rate", "abc"], /^--rate is a number .*, not "abc"$/],
  ["client", ["--rate"], /^--rate needs a value$/],
  ["client", ["--duration=-1"], /^--duration is a number of at least 0/],
  ["client", ["--sped", "3"], /^Unknown option --sped/],
  ["client", ["now"], /^Unexpected argument "now"/],
  ["client", ["--signaling", "example"], /^--signaling is an http:\/\/ or/],
  ["client", ["--dialect", "french"], /^--dialect is one of pointwire, /],
  ["server", ["--port", "70000"], /^--port is a whole number from 0 to 65535/],
  ["server", ["--log-level", "loud"], /^--log-level is one of debug, info/],
  ["server", ["--offer"], /^Unknown option --offer/],
  ["client", ["--name", "a b"], /^--name "a b" can't be used: a name has/],
  ["client", ["--pose", "1,2"], /^--pose is X,Y,Z or X,Y,Z,ROLL,PITCH,YAW/],
  [
    "client",
    ["--dialect", "original", "--source", "a=lidar", "--source", "b=rgbd"],
    /^--dialect original has room for one --source, not 2/,
  ],
];

testWith(
  [],
  "a command line that can't be understood: exit code 2, and why",
  async () => {
    await Promise.all(USAGE.map(async ([program, args, expected]) => {
      await using process = run(program, args);
      const { code } = await process.finished();
      assertEquals(code, 2, `${program} ${args.join(" ")}`);
      assertMatch(said(process), expected);
    }));
  },
);

testWith([], "--help lists the options", async () => {
  for (const program of ["server", "client"] as const) {
    await using process = run(program, ["--help"]);
    assertEquals((await process.finished()).code, 0);
    assertMatch(await process.stdout, /--log-level debug\|info\|warn\|error/);
  }
});

testWith([], "a busy port is named", async () => {
  await using server = await startServer();
  const { port } = new URL(server.url);
  await using second = run("server", ["--port", port]);
  assertEquals((await second.finished()).code, 1);
  assertMatch(
    said(second),
    new RegExp(`^Can't listen on 0\\.0\\.0\\.0 port ${port}: another program`),
  );
});

testWith(
  [],
  "a folder that recordings can't be stored in is named, and what to type",
  async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/file`;
    await Deno.writeTextFile(file, "");
    const refusals: [path: string, permissions: string[], RegExp][] = [
      [
        `${folder.path}/a b`,
        [],
        /^Can't record into .*: the permission --allow-write=.* is missing; type deno run -P=server --allow-write=".* b" server.ts --record ".* b"$/,
      ],
      [
        file,
        [`--allow-write=${folder.path}`],
        /^Can't record .* not a folder$/,
      ],
    ];
    for (const [path, permissions, expected] of refusals) {
      await using server = new Process(Deno.execPath(), [
        ...["run", "--quiet", "-P=server", ...permissions],
        ...["server.ts", "--port", "0", "--record", path],
      ]);
      assertEquals((await server.finished()).code, 1);
      assertMatch(said(server), expected);
    }
  },
);

testWith([], "a server that isn't there, or isn't one, is named", async () => {
  await using elsewhere = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("nothing here", { status: 404 }),
  );
  const { port } = elsewhere.addr;
  const cases: [string, RegExp][] = [
    ["http://127.0.0.1:9/offer", /^Can't reach http:\/\/127\.0\.0\.1:9\/offer/],
    [`http://127.0.0.1:${port}/offer`, /answered 404: nothing here$/],
    ["http://nowhere.invalid/offer", /^Can't reach http:\/\/nowhere\.invalid/],
  ];
  await Promise.all(cases.map(async ([url, expected]) => {
    await using client = run("client", [
      ...["--media", "none", "--signaling", url],
    ]);
    assertEquals((await client.finished()).code, 1, url);
    assertMatch(said(client), expected);
  }));
});

testWith(["ffmpeg"], "media that can't be read is named", async () => {
  await using folder = await temporaryFolder();
  const text = `${folder.path}/notes.mp4`;
  await Deno.writeTextFile(text, "this is no video");
  for (const path of [`${folder.path}/missing.mp4`, folder.path, text]) {
    await using client = run("client", ["--media", path]);
    assertEquals((await client.finished()).code, 1, path);
    assert(said(client).includes(path), said(client));
    assert(!said(client).includes("    at "), said(client));
  }
});

testWith([], "a machine without ffmpeg is told what to do", async () => {
  await using folder = await temporaryFolder();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=client", "client.ts"],
    env: { PATH: folder.path, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  const { code, stderr } = await process.output();
  assertEquals(code, 1);
  assertMatch(
    new TextDecoder().decode(stderr),
    /^ff(mpeg|probe) was not found on PATH: install ffmpeg/,
  );
});

/** Bodies of `POST /offer` that can't be answered. */
const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
  "c=IN IP4 0.0.0.0",
  "a=mid:0",
  "a=sctp-port:5000",
  "a=setup:actpass",
];
const FINGERPRINT = `a=fingerprint:sha-256 ${Array(32).fill("AB").join(":")}`;
const CREDENTIALS = ["a=ice-ufrag:abcd", "a=ice-pwd:0123456789abcdefghijkl"];
const sdp = (...lines: string[]) => [...SDP, ...lines, ""].join("\r\n");
const offer = (text: unknown) => JSON.stringify({ type: "offer", sdp: text });
const OFFERS: [body: string, status: number, detail: RegExp][] = [
  ["", 400, /^The body is not JSON$/],
  ["sdp=v", 400, /^The body is not JSON$/],
  ["[]", 400, /^The body is not a JSON object/],
  ["null", 400, /^The body is not a JSON object/],
  [`{"type":"offer"}`, 400, /^sdp is missing/],
  [`{"type":"offer","sdp":5}`, 400, /^sdp is a number/],
  [`{"type":"answer","sdp":"v=0"}`, 400, /^type is "answer", not "offer"$/],
  [`{"type":7,"sdp":"v=0"}`, 400, /^type is a number/],
  [offer(""), 400, /^The SDP is empty$/],
  [offer("hello"), 400, /^The SDP does not begin with "v=0"$/],
  [offer("v=0\r\n"), 400, /^The SDP has no media section/],
  [offer("v=0\r\ngarbage\r\n"), 400, /^Line 2 of the SDP/],
  [offer(sdp(FINGERPRINT)), 400, /^The SDP has no a=ice-ufrag$/],
  [offer(sdp(...CREDENTIALS)), 400, /^The SDP has no a=fingerprint$/],
  [
    offer(sdp(...CREDENTIALS, `a=fingerprint:md5 ${"AB:".repeat(15)}AB`)),
    400,
    /^No a=fingerprint of the SDP's section 1 can be used \(md5 AB:/,
  ],
  [
    offer("v".repeat(300 * 1024)),
    413,
    /^The body is larger than 262144 bytes$/,
  ],
];

testWith(
  [],
  "an offer that can't be answered is refused, and the server goes on",
  async () => {
    await using server = await startServer();
    for (const [body, status, expected] of OFFERS) {
      const response = await fetch(`${server.url}/offer`, {
        method: "POST",
        headers: JSON_BODY,
        body,
      });
      const shown = body.slice(0, 60);
      assertEquals(response.status, status, shown);
      assertEquals(
        response.headers.get("content-type"),
        "application/problem+json",
      );
      const problem = await response.json();
      assertEquals(problem.status, status);
      assertMatch(problem.detail, expected, shown);
    }
    for (
      const [method, path, status] of [
        ["GET", "/offer", 405],
        ["POST", "/sessions", 405],
        ["GET", "/sessions/nobody", 404],
        ["DELETE", "/sessions/nobody", 404],
        ["GET", "/nothing", 404],
      ] as const
    ) {
      const response = await fetch(server.url + path, { method });
      assertEquals(response.status, status, `${method} ${path}`);
      assertEquals((await response.json()).status, status);
    }
    assertEquals(await getJson(`${server.url}/sessions`), []);
    assertEquals(await getJson(`${server.url}/healthz`), { status: "ok" });
    assertEquals(
      server.stderr.filter((line) => line.includes("    at ")),
      [],
      "no stack trace is logged",
    );

    await using client = startClient(server, [
      ...["--points", "1000", "--duration", "1", "--media", "none"],
    ]);
    assertEquals((await client.finished()).code, 0, client.stderr.join("\n"));
  },
);

testWith(
  [],
  "bad points messages are counted, and every session goes on",
  async () => {
    await using server = await startServer();
    await using good = startClient(server, [
      ...["--points", "1000", "--duration", "3", "--media", "none", "--verify"],
    ]);
    // Loaded here: werift can't be imported without permissions.
    const { connectRaw } = await import("./raw_peer.ts");
    await using raw = await connectRaw(server.url, ["", "pointwire.v1"]);
    const [original, framed] = raw.channels;
    const points = new Uint8Array(24);
    original.send(new Uint8Array(13));
    original.send("hello");
    original.send(points);
    framed.send(new Uint8Array(13));
    framed.send("hello");
    const chunk = (frame: number, index: number, count: number, of = 2) => {
      const message = new Uint8Array(24 + 12);
      const view = new DataView(message.buffer);
      view.setUint8(0, 1);
      view.setUint32(4, frame, true);
      view.setUint32(8, of, true);
      view.setUint16(12, index, true);
      view.setUint16(14, count, true);
      return message;
    };
    framed.send(chunk(0, 5, 2)); // header: index past the end
    framed.send(chunk(1, 0, 2));
    framed.send(chunk(1, 0, 2)); // duplicate
    framed.send(chunk(1, 1, 2)); // whole: frame 1
    framed.send(chunk(0, 0, 2)); // stale
    framed.send(chunk(2, 0, 3, 3));
    framed.send(chunk(2, 2, 3, 3)); // missing
    framed.send(chunk(3, 0, 1, 500)); // header: says 500 points, holds 1
    framed.send(chunk(4, 0, 1, 1)); // whole: frame 4
    const last = await raw.whenAcked(4);
    assertEquals(last.frames, 2);
    const { points: counters } = await getJson<SessionSnapshot>(
      `${server.url}/sessions/${raw.session}`,
    );
    assertEquals(counters.frames, 3);
    assertEquals(counters.invalid, 9);
    assertEquals(counters.invalidReasons, {
      ...{ length: 2, text: 2, header: 2, duplicate: 1, stale: 1, missing: 1 },
    });
    assertEquals((await good.finished()).code, 0, good.stderr.join("\n"));
  },
);

function run(program: "server" | "client", args: string[]): Process {
  return new Process(Deno.execPath(), [
    ...["run", "--quiet", `-P=${program}`, `${program}.ts`, ...args],
  ]);
}

function said(process: Process): string {
  return process.stderr.join("\n");
}
