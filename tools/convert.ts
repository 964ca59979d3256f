/**
 * `deno task convert IN OUT`: a file of points in another format. What is about
 * to be written is read again and compared with the source first.
 */
import {
  abortOnTermination,
  EXIT,
  readCommandLine,
  readOrExit,
} from "../lib/cli/exit.ts";
import { FIELDS_OPTION, readFields } from "../lib/cli/fields_option.ts";
import { printError, printLines } from "../lib/cli/print.ts";
import {
  DEFAULT_STEP,
  readResolutions,
  RESOLUTION_OPTION,
} from "../lib/cli/resolution_option.ts";
import { createLogger } from "../lib/log.ts";
import { FILE_EXTENSIONS, WRITABLE_EXTENSIONS } from "../lib/points/formats.ts";
import { SourceError } from "../lib/sources/errors.ts";
import { reasonOf } from "../lib/sources/file_list.ts";
import { readCloud } from "../lib/sources/read_cloud.ts";
import { convertCloud } from "./convert/conversion.ts";
import { describeChanges, describeFile } from "./convert/report.ts";
import { replaceFile } from "./convert/write_file.ts";

const given = readCommandLine("Usage: deno task convert IN OUT [OPTIONS]", {
  in: { type: "operand", help: `File to read: ${FILE_EXTENSIONS.join(" ")}` },
  out: {
    type: "operand",
    help: `File to write: ${WRITABLE_EXTENSIONS.join(" ")}`,
  },
  ...RESOLUTION_OPTION,
  ...FIELDS_OPTION,
  "pcd-data": {
    type: "choice",
    choices: ["binary", "ascii", "binary_compressed"],
    default: "binary",
    help: "How .pcd holds the points",
  },
  strict: {
    type: "flag",
    help: "Write nothing where anything else than --resolution says is lost",
  },
});
const options = readOrExit(() => ({
  ...readResolutions(given.resolution ?? DEFAULT_STEP),
  pcdData: given["pcd-data"],
}));
const fields = readOrExit(() => readFields(given.fields));
const signal = abortOnTermination();

try {
  const log = createLogger();
  const cloud = await readCloud(given.in, { fields, log });
  const conversion = await convertCloud(given.out, cloud, options);
  const { losses } = conversion;
  for (const loss of losses) printError(`Warning: ${loss}`);
  const changed = conversion.fields.filter(({ isWithin, isExact }) =>
    !isWithin && !isExact
  );
  if (given.strict && losses.length + changed.length > 0) {
    for (const line of describeChanges(changed)) printError(line);
    throw new SourceError(
      `${given.out} was not written: it would not hold all of ${given.in}; ` +
        "without --strict it is written all the same",
    );
  }
  await replaceFile(given.out, conversion.bytes, signal);
  for (const line of describeChanges(conversion.fields)) printLines(line);
  printLines(describeFile(given.out, conversion));
} catch (error) {
  const known = error instanceof SourceError;
  printError(
    known ? error.message : `${given.out}: ${reasonOf(error)}`,
  );
  Deno.exit(EXIT.failed);
}
