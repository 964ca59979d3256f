/** What the tests share: what they need, and how they wait for it. */
import { fileURLToPath } from "node:url";

/** Something that a test can't do without and a machine may lack. */
export type Need =
  | "permissions"
  | "all permissions"
  | "ffmpeg"
  | "aiortc"
  | "newest aiortc"
  | "gstreamer"
  | "rtsp server"
  | "pion"
  | "bench's pion"
  | "libwebrtc"
  | "firefox"
  | "chromium"
  | "coturn"
  | "faketime"
  | "promtool"
  | "prlimit"
  | "nats-server"
  | "small disk"
  | "systemd-analyze"
  | "yaml reader"
  | "linux"
  | "network namespaces"
  | "iperf3"
  | "tcp bbr"
  | "shared data"
  | "point readers"
  | "ouster-sdk"
  | "velodyne-decoder"
  | "hydra4"
  | "bag writers"
  | "rerun"
  | "robot"
  | "foxglove client";

/** What each lacks here, if anything; looked for when a test first needs it. */
const LOOKUP: Record<Need, () => string | undefined> = {
  permissions: once(lacksPermissions),
  "all permissions": once(lacksAllPermissions),
  ffmpeg: once(() => lacks("ffmpeg", ["-version"], "ffmpeg")),
  aiortc: once(() =>
    lacks(
      "/usr/bin/python3",
      ["-c", "import aiortc"],
      "Debian's python3-aiortc",
    )
  ),
  gstreamer: once(() =>
    lacks(
      "/usr/bin/python3",
      ["tests/peers/gstreamer.py", "check"],
      "GStreamer's webrtcbin for Python",
    )
  ),
  "rtsp server": once(() =>
    lacks(
      "/usr/bin/python3",
      ["tests/peers/rtsp_camera.py", "check"],
      "GStreamer's RTSP server for Python",
    )
  ),
  pion: once(() => lacksPion("tests/peers/pion")),
  "bench's pion": once(() => lacksPion("tools/bench/peers/pion")),
  firefox: once(() =>
    lacks("/usr/bin/firefox-esr", ["--version"], "Debian's firefox-esr")
  ),
  libwebrtc: once(() =>
    lacks(
      Deno.execPath(),
      [
        ...["run", "-A", "--no-config", "--no-lock", "--cached-only"],
        ...[`${ROOT}tests/peers/libwebrtc.ts`, "check"],
      ],
      "libwebrtc (npm's @roamhq/wrtc)",
    )
  ),
  "newest aiortc": once(() => lacksPython("AIORTC_PYTHON", "aiortc, numpy")),
  faketime: once(() =>
    lacks("faketime", ["-f", "+1h", "true"], "Debian's faketime")
  ),
  promtool: once(() => lacks("promtool", ["--version"], "Debian's prometheus")),
  "nats-server": once(() =>
    lacks("nats-server", ["--version"], "Debian's nats-server")
  ),
  prlimit: once(() =>
    lacks("prlimit", ["--version"], "prlimit (Linux' util-linux)")
  ),
  "small disk": once(() =>
    lacks(
      "sh",
      [
        "-c",
        "d=$(mktemp -d) && { mount -t tmpfs -o size=64k tmpfs $d && " +
        "umount $d; s=$?; rmdir $d; exit $s; }",
      ],
      "mount for this user",
    )
  ),
  "systemd-analyze": once(() =>
    lacks("systemd-analyze", ["--version"], "systemd-analyze")
  ),
  "yaml reader": once(() =>
    lacks("/usr/bin/python3", ["-c", "import yaml"], "Debian's python3-yaml")
  ),
  coturn: once(() => lacks("turnserver", ["--version"], "Debian's coturn")),
  linux: once(() =>
    Deno.build.os === "linux" ? undefined : "reads Linux's /proc"
  ),
  "network namespaces": once(() =>
    lacks(
      "sh",
      ["-c", "n=pointwire-$$; ip netns add $n && ip netns del $n"],
      "ip (Debian's iproute2) for this user",
    )
  ),
  iperf3: once(() => lacks("iperf3", ["--version"], "Debian's iperf3")),
  "tcp bbr": once(() =>
    lacks(
      "sh",
      [
        "-c",
        "sysctl -n net.ipv4.tcp_available_congestion_control | grep -w bbr",
      ],
      "TCP's BBR (modprobe tcp_bbr)",
    )
  ),
  "shared data": once(lacksSharedData),
  "point readers": once(() =>
    lacksPython("POINTS_PYTHON", "laspy, open3d, plyfile")
  ),
  "ouster-sdk": once(() => lacksPython("LIDAR_PYTHON", "ouster.sdk")),
  "velodyne-decoder": once(() =>
    lacksPython("LIDAR_PYTHON", "velodyne_decoder")
  ),
  hydra4: once(() => lacksPython("LIDAR_PYTHON", "hydra4.decoders")),
  "bag writers": once(() =>
    lacksPython("BAGS_PYTHON", "foxglove, mcap, mcap_ros2, PIL, rosbags")
  ),
  "foxglove client": once(() =>
    lacksPython("ROS_PYTHON", "robo_ws_bridge, rosbags")
  ),
  rerun: once(() => lacksPython("BAGS_PYTHON", "rerun")),
  robot: once(() => lacksPython("ROS_PYTHON", "foxglove, numpy, PIL, rosbags")),
  chromium: once(() =>
    lacksAllPermissions() ??
      lacks("/usr/bin/chromium", ["--version"], "Debian's chromium")
  ),
};

/**
 * Registers a test that starts processes, opens sockets or uses the network
 * stack. Where something that it needs is missing it is ignored, and its name
 * says why.
 */
export function testWith(
  needs: Need[],
  name: string,
  body: (t: Deno.TestContext) => void | Promise<void>,
  options: { sanitizeOps?: boolean; sanitizeResources?: boolean } = {},
): void {
  const all: Need[] = ["permissions", ...needs];
  const why = all.map((need) => LOOKUP[need]()).find((text) => text);
  Deno.test({
    ...options,
    name: why === undefined ? name : `${name} [skipped: ${why}]`,
    ignore: why !== undefined,
    fn: body,
  });
}

/**
 * Registers tests that mostly wait as the steps of one, which run side by side;
 * what all of them leave behind is looked for at the end.
 */
export function testSideBySide(
  needs: Need[],
  name: string,
  bodies: Record<string, () => Promise<void>>,
): void {
  testWith(needs, name, async (t) => {
    const unwatched = {
      sanitizeOps: false,
      sanitizeResources: false,
      sanitizeExit: false,
    };
    await Promise.all(
      Object.entries(bodies).map(([name, fn]) =>
        t.step({ ...unwatched, name, fn })
      ),
    );
  });
}

function once<T>(look: () => T): () => T {
  let found: { value: T } | undefined;
  return () => (found ??= { value: look() }).value;
}

function lacksSharedData(): string | undefined {
  try {
    Deno.statSync(`${ROOT}../shared/data/lidar.pcd`);
  } catch {
    return "there is no ../shared/data";
  }
}

/** A Python with programs of other people is named by a variable. */
function lacksPython(variable: string, modules: string): string | undefined {
  const python = Deno.env.get(variable);
  return python === undefined
    ? `${variable} names no Python`
    : lacks(python, ["-c", `import ${modules}`], `${modules} for ${python}`);
}

/** Pion is built from what Go has in its caches: no test fetches anything. */
function lacksPion(folder: string): string | undefined {
  return lacks("go", ["version"], "Go") ?? lacks(
    "go",
    ["list", "-C", `${ROOT}${folder}`, "-deps", "."],
    `Pion (go -C ${folder} mod download)`,
    { GOPROXY: "off" },
  );
}

function lacksPermissions(): string | undefined {
  for (const name of ["run", "net", "read", "write", "env", "sys"] as const) {
    const { state } = Deno.permissions.querySync({ name });
    if (state !== "granted") {
      return `needs --allow-${name}; deno task test gives it`;
    }
  }
}

/** Playwright reads /proc, which Deno allows only with all permissions. */
function lacksAllPermissions(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  return state === "granted" ? undefined : "needs -A; deno task test gives it";
}

function lacks(
  program: string,
  args: string[],
  what: string,
  env: Record<string, string> = {},
): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "run" });
  if (state !== "granted") return undefined;
  try {
    const options = { args, env, stdout: "null", stderr: "null" } as const;
    const { success } = new Deno.Command(program, options).outputSync();
    return success ? undefined : `${what} is not installed`;
  } catch {
    return `${what} is not installed`;
  }
}

/** Makes a temporary folder that is removed at the end of the scope. */
export async function temporaryFolder(): Promise<
  AsyncDisposable & { path: string }
> {
  const path = await Deno.makeTempDir({ prefix: "pointwire-" });
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Makes a file system of so many KiB, until the end of the scope. */
export async function smallDisk(
  kib: number,
): Promise<AsyncDisposable & { path: string }> {
  const path = await Deno.makeTempDir({ prefix: "pointwire-" });
  await run("mount", "-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run("umount", path);
      await Deno.remove(path);
    },
  };
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Times between two looks at a condition, milliseconds: they double. */
const FIRST_LOOK_MS = 1;
const MOST_LOOK_MS = 50;

/** How {@linkcode until} waits. */
export interface UntilOptions {
  /** What is waited for, as the error names it; a function adds to it. */
  what: string | (() => string);
  /** Longest wait, milliseconds. @default {10_000} */
  within?: number;
}

/**
 * Waits until a condition gives something truthy, and returns that.
 *
 * For what tells nobody that it has changed: an event or a log line is better
 * waited for itself.
 *
 * @throws {Error} naming what didn't come in time; what the condition throws.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { what, within = 60_000 }: UntilOptions,
): Promise<Exclude<T, undefined | null | false | 0 | "">> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const text = typeof what === "string" ? what : what();
    reject(new Error(`Waited ${within} ms in vain for ${text}`));
  }, within);
  try {
    for (let lookMs = FIRST_LOOK_MS;; lookMs *= 2) {
      const value = await Promise.race([late, condition()]);
      if (value) {
        return value as Exclude<
          typeof value,
          undefined | null | false | 0 | ""
        >;
      }
      await pause(Math.min(lookMs, MOST_LOOK_MS));
    }
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Lets a time pass, milliseconds. Only for showing that something does not
 * happen meanwhile, or for a load that is spread over time.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The header field of what `POST /offer` takes. */
export const JSON_BODY = { "content-type": "application/json" };

/** The root folder of the project. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The TypeScript modules in a folder of the project and below it, by path. */
export async function* modulesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(`${ROOT}${folder}`)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesBelow(path);
    else if (name.endsWith(".ts")) yield path;
  }
}
