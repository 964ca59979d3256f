/** Names and words in files and messages that every plain object knows. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readResolutions } from "../../lib/cli/resolution_option.ts";
import { parseOptions, UsageError } from "../../lib/cli/options.ts";
import { column, createCloud, namesOf } from "../../lib/points/cloud.ts";
import { createEncoder } from "../../lib/points/codecs.ts";
import { readCloudiniHeader } from "../../lib/points/cloudini/header.ts";
import { PointsError } from "../../lib/points/errors.ts";
import { findType } from "../../lib/points/field.ts";
import { decodeFile, encodeFile } from "../../lib/points/formats.ts";
import { parsePythonLiteral } from "../../lib/points/npy/python_literal.ts";
import { FrameThinner } from "../../lib/session/frame_thinner.ts";
import {
  parseClientMessage,
  parseServerMessage,
} from "../../lib/wire/messages.ts";
import { STRANGE_WORDS } from "../strange_words.ts";

/** x, y, z and one field more, of float32. */
function cloudWith(name: string) {
  const names = ["x", "y", "z", name];
  return createCloud({
    data: new Uint8Array(
      Float32Array.from({ length: 400 }, (_, i) => i / 8).buffer,
    ),
    stride: 16,
    fields: names.map((name, i) => ({ name, type: "float32", offset: 4 * i })),
  });
}

for (const word of STRANGE_WORDS) {
  Deno.test(`a field named ${word} is one like any other`, async () => {
    const cloud = cloudWith(word);
    for (const extension of ["pcd", "ply", "npy", "cloudini"]) {
      const name = `cloud.${extension}`;
      const resolutions = Object.fromEntries([[word, 0.125]]);
      const bytes = encodeFile(name, cloud, { resolution: 0.125, resolutions });
      const read = await decodeFile(name, bytes);
      assertEquals(namesOf(read.fields), namesOf(cloud.fields), name);
      assertEquals(column(read, word), column(cloud, word), name);
    }
    const text = new TextEncoder().encode(`x,y,z,${word}\n1,2,3,4\n`);
    assertEquals(
      namesOf((await decodeFile("cloud.csv", text)).fields),
      ["x", "y", "z", word],
    );
  });

  Deno.test(`no format, type or keyword is named ${word}`, async () => {
    const refused: [name: string, text: string][] = [
      [`cloud.${word}`, "1 2 3\n"],
      ["a.pcd", `VERSION .7\n${word} x\nDATA ascii\n`],
      ["a.pcd", `FIELDS x\nSIZE 4\nTYPE ${word}\nCOUNT 1\nDATA ascii\n`],
      ["a.pcd", `FIELDS x\nSIZE 4\nTYPE F\nCOUNT 1\nDATA ${word}\n`],
      ["a.ply", `ply\nformat ${word} 1.0\nend_header\n`],
      ["a.ply", `ply\nformat ascii 1.0\n${word}\nend_header\n`],
      [
        "a.ply",
        `ply\nformat ascii 1.0\nelement vertex 1\nproperty ${word} x\nend_header\n`,
      ],
      ["a.cloudini", `CLOUDINI_V05\n${word}: 1\n\0`],
      ["a.cloudini", `CLOUDINI_V05\nversion: 5\nencoding_opt: ${word}\n\0`],
      ["a.npy", npyText(`{'descr': '${word}', 'shape': (1,)}`)],
      ["a.npy", npyText(`{'${word}': '<f4', 'shape': (1,)}`)],
      ["a.npy", npyText(`{'descr': ${word}, 'shape': (1,)}`)],
    ];
    for (const [name, text] of refused) {
      const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
      await assertRejects(() => decodeFile(name, bytes), PointsError);
    }
    assertEquals(findType(word), undefined);
    assertThrows(() => parsePythonLiteral(word, "it"), PointsError);
    assertEquals(
      parsePythonLiteral(`{'${word}': 1}`, "it"),
      new Map([[word, 1]]),
    );
  });

  Deno.test(`no message and no option is named ${word}`, () => {
    for (
      const text of [
        JSON.stringify({ type: word }),
        `{"${word}": {"type": "verify"}}`,
        `{"type": "fields", "fields": [{"name": "x", "type": "${word}", ` +
        `"offset": 0}], "stride": 4}`,
      ]
    ) {
      assertEquals(parseClientMessage(text), undefined, text);
      assertEquals(parseServerMessage(text), undefined, text);
    }
    assertThrows(() => parseOptions([`--${word}=5`], {}), UsageError);
    assertEquals(
      Object.entries(readResolutions(`${word}=0.5`).resolutions),
      [[word, 0.5]],
    );
  });

  Deno.test(`a thinned frame keeps the step of a field named ${word}`, () => {
    const resolutions = Object.fromEntries([[word, 0.5]]);
    const { shape, codec, bytes } = createEncoder("cloudini", { resolutions })
      .encode(cloudWith(word));
    const thinned = new FrameThinner().thin({
      ...shape,
      ...{ codec, bytes: new Uint8Array(bytes) },
      ...{ number: 1, captureTime: 0, stream: "points" },
    }, { pointShare: 0.5 });
    const step = (of: Uint8Array) =>
      readCloudiniHeader(of).header.fields.find(({ name }) => name === word)
        ?.resolution;
    assert(thinned.points < shape.points);
    assertEquals([step(bytes), step(thinned.bytes)], [0.5, 0.5]);
  });
}

/** A `.npy` file of version 1.0 with a header's text, and a value. */
function npyText(dictionary: string): string {
  const length = String.fromCharCode(dictionary.length & 255, 0);
  return `\x93NUMPY\x01\x00${length}${dictionary}\0\0\0\0`;
}
