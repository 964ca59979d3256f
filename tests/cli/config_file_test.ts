import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  CLIENT_OPTIONS,
  CLIENT_SECTIONS,
} from "../../lib/cli/client_options.ts";
import { withConfig } from "../../lib/cli/config_file.ts";
import { parseOptions, UsageError } from "../../lib/cli/options.ts";
import { readStreams } from "../../lib/cli/stream_options.ts";
import { createLogger } from "../../lib/log.ts";
import { configSchema } from "../../tools/config_schema.ts";
import { ROOT, temporaryFolder, testWith } from "../support.ts";

const WHAT = { spec: CLIENT_OPTIONS, sections: CLIENT_SECTIONS };

/** The arguments of a command line whose `--config` has a text. */
async function read(text: string, ...args: string[]): Promise<string[]> {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/robot.json`;
  await Deno.writeTextFile(file, text);
  return withConfig([...args, "--config", file], WHAT);
}

testWith([], "--config holds what a command line does", async () => {
  const args = await read(
    JSON.stringify({
      "$schema": "../docs/client.schema.json",
      name: "robot-7",
      rate: 10,
      adaptive: false,
      json: true,
      "reconnect-for": 5,
      sources: {
        front: { source: "lidar", points: 7, pose: [0.4, 0, 0.6] },
        rear: { source: "rgbd", rate: 5, "frame-id": "rear_camera" },
        top: "random",
      },
    }),
    ...["--reconnect-for", "9"],
  );
  const options = parseOptions(args, CLIENT_OPTIONS)!;
  assertEquals(
    [options.name, options.adaptive, options.json, options["reconnect-for"]],
    ["robot-7", false, true, 9],
  );
  const log = createLogger({ write() {} });
  assertEquals(
    readStreams(args, CLIENT_OPTIONS, log).map((
      { name, rate, place, from },
    ) => [
      ...[name, rate, from.source, from.points],
      ...[place?.frameId, place?.pose?.translation],
    ]),
    [
      ["front", 10, "lidar", 7, "front", [0.4, 0, 0.6]],
      ["rear", 5, "rgbd", undefined, "rear_camera", undefined],
      ["top", 10, "random", undefined, undefined, undefined],
    ],
  );
});

Deno.test("a command line without --config is left as it is", () => {
  const args = ["--points", "5", "--", "--config", "nowhere.json"];
  assertEquals(withConfig(args, WHAT), args);
});

testWith([], "what is wrong in a --config is told with its place", async () => {
  const faults: [text: string, ...words: string[]][] = [
    ["{", "is no JSON: "],
    ['{\n"name": 5,\n}', "is no JSON: ", "line 3"],
    ["[]", "robot.json is an object of options"],
    ['{"pints": 5}', "robot.json: pints is no option"],
    ['{"config": "a"}', "robot.json: config is no option"],
    ['{"constructor": 1}', "robot.json: constructor is no option"],
    ['{"points": "many"}', "robot.json: points --points is a whole number"],
    ['{"json": "yes"}', "robot.json: json is true or false"],
    ['{"name": null}', "robot.json: name is a text or a number"],
    ['{"sources": {"a": 5}}', "robot.json: sources.a is an object"],
    ['{"sources": {"a": {}}}', 'robot.json: sources.a needs "source"'],
    [
      '{"sources": {"a": {"source": "lidar", "rate": 0}}}',
      "robot.json: sources.a.rate --rate is a number from 0.001",
    ],
    [
      '{"sources": {"a": {"source": "lidar", "name": "b"}}}',
      "robot.json: sources.a.name is no option of this place",
    ],
    [
      '{"sources": {"a": {"source": "lidar", "pose": [1, 2]}}}',
      "robot.json: sources.a --pose is X,Y,Z",
    ],
    ['{"sources": {"a b": "lidar"}}', "robot.json: sources.a b is no name: "],
  ];
  for (const [text, ...words] of faults) {
    let error: unknown;
    await read(text).catch((thrown) => error = thrown);
    for (const word of words) {
      assertStringIncludes((error as UsageError).message, word);
    }
    assertEquals(error instanceof UsageError, true, text);
  }
  assertThrows(
    () => withConfig(["--config"], WHAT),
    UsageError,
    "--config needs a value",
  );
  assertThrows(
    () => withConfig(["--config=no/such.json"], WHAT),
    UsageError,
    "--config no/such.json can't be read",
  );
});

testWith([], "docs/client.schema.json is what the client takes", async () => {
  const text = await Deno.readTextFile(`${ROOT}docs/client.schema.json`);
  assertEquals(
    JSON.parse(text),
    JSON.parse(JSON.stringify(configSchema(CLIENT_OPTIONS, CLIENT_SECTIONS))),
    "deno task schema writes it anew",
  );
});
