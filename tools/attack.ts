/**
 * `deno task attack`: attacks a server as strangers and hostile peers would,
 * beside one who publishes 100,000 points at 4 Hz and one who watches, and tells
 * what that cost, a line an attack. The exit code is 1 where a goal is missed.
 * Linux only.
 *
 * @module
 */
import { EXIT, readCommandLine } from "../lib/cli/exit.ts";
import { UsageError } from "../lib/cli/options.ts";
import { ATTACKS } from "./attack/attacks.ts";
import { judge } from "./attack/figures.ts";
import { measure } from "./attack/measure.ts";
import { formatLine, formatTable, type Row } from "./attack/table.ts";

const options = readCommandLine("Usage: deno task attack [OPTIONS]", {
  only: { type: "list", help: "Attack to run; several with commas" },
  list: { type: "flag", help: "Print the attacks and what they do" },
  seconds: {
    type: "number",
    min: 1,
    default: 8,
    help: "How long each attack goes on",
  },
  markdown: { type: "text", help: "File to write the table to" },
  "server-dir": {
    type: "text",
    default: ".",
    help: "Checkout whose server is attacked",
  },
}, ({ only }) => {
  for (const name of only) {
    if (ATTACKS.some((attack) => attack.name === name)) continue;
    throw new UsageError(`There is no attack ${name}; --list lists them`);
  }
});

if (options.list) {
  for (const { name, about } of ATTACKS) console.log(`${name}: ${about}`);
  Deno.exit(EXIT.ok);
}
const { only, seconds, markdown } = options;
const serverFolder = options["server-dir"];
const now = new Date().toISOString().slice(0, 16);
const load = Deno.loadavg().map((each) => each.toFixed(1)).join(", ");
const conditions = `${now} UTC, ${seconds} s each, ` +
  `${navigator.hardwareConcurrency} cores, load average ${load}`;
console.log(conditions);
const ending = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(name, () => ending.abort());
}
const rows: Row[] = [];
for (const attack of ATTACKS) {
  if (only.length > 0 && !only.includes(attack.name)) continue;
  const row = {
    attack,
    figures: await measure(attack, {
      seconds,
      serverFolder,
      signal: ending.signal,
    })
      .catch((error: Error) => `not measured: ${error.message}`),
  };
  if (ending.signal.aborted) break;
  rows.push(row);
  console.log(formatLine(row));
  if (markdown === undefined) continue;
  // It takes long: what there is can be read meanwhile.
  const text = `${conditions}:\n\n${formatTable(rows)}\n`;
  await Deno.writeTextFile(markdown, text);
}
if (rows.length > 1) console.log(`\n${formatTable(rows)}`);
const isHeld = !ending.signal.aborted &&
  rows.every(({ attack, figures }) =>
    typeof figures !== "string" && judge(attack, figures).length === 0
  );
Deno.exit(isHeld ? EXIT.ok : EXIT.failed);
