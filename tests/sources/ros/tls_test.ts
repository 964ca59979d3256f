/** Bridges behind TLS, with certificates of an authority of their own. */
import { assert, assertMatch } from "@std/assert";
import { createLogger } from "../../../lib/log.ts";
import { RosBridge } from "../../../lib/sources/ros/bridge.ts";
import { makeIdentity } from "../../auth/certificates.ts";
import { ROOT, temporaryFolder, testWith, until } from "../../support.ts";
import { startBridge } from "./bridge.ts";

async function startTlsBridge() {
  const folder = await temporaryFolder();
  const identity = await makeIdentity();
  const files = {
    cert: `${folder.path}/cert.pem`,
    key: `${folder.path}/key.pem`,
    ca: `${folder.path}/ca.pem`,
  };
  for (const name of ["cert", "key", "ca"] as const) {
    await Deno.writeTextFile(files[name], identity[name]);
  }
  const { cert, key } = files;
  const bridge = await startBridge({ cert, key, builtin: ["/scan"] });
  return {
    url: bridge.url,
    ca: identity.ca,
    caFile: files.ca,
    [Symbol.asyncDispose]: async () => {
      await bridge[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

testWith(
  ["robot", "ffmpeg"],
  "A bridge of an authority of its own is trusted where that is named",
  async () => {
    await using served = await startTlsBridge();
    const { url, ca } = served;
    const lines: string[] = [];
    const log = createLogger({ write: (line) => lines.push(line) });
    await using bridge = new RosBridge({ url, log, caCerts: [ca] });
    let came = 0;
    bridge.subscribe("/scan", () => came++);
    await until(() => came >= 3, { what: "scans" });
    await using _other = new RosBridge({ url, log });
    const said = await until(
      () => lines.find((line) => line.includes("waiting for the bridge")),
      { what: "why it isn't trusted" },
    );
    assertMatch(said, /invalid peer certificate.*with --ca/);
  },
);

testWith(
  ["robot", "ffmpeg"],
  "The client reads a bridge's authority from --ca",
  async () => {
    await using served = await startTlsBridge();
    const { success, stdout, stderr } = await new Deno.Command(
      Deno.execPath(),
      {
        args: [
          ...["run", "-P=client", "client.ts", "--list", "--source", "ros:*"],
          ...["--ros", served.url, "--ca", served.caFile],
        ],
        cwd: ROOT,
      },
    ).output();
    assert(success, new TextDecoder().decode(stderr));
    const topics = new TextDecoder().decode(stdout);
    assertMatch(topics, /^\/scan +sensor_msgs\/msg\/LaserScan .* points$/m);
  },
);
