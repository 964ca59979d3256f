/** Writes docs/client.schema.json: what the client's `--config` takes. */
import { CLIENT_OPTIONS, CLIENT_SECTIONS } from "../lib/cli/client_options.ts";
import type { ConfigSection } from "../lib/cli/config_file.ts";
import type { Option, OptionSpec } from "../lib/cli/options.ts";

/** A JSON schema, as far as options take. */
export type Schema = Record<string, unknown>;

/**
 * Describes the files that `--config` takes, for editors (JSON Schema 2020-12).
 */
export function configSchema(
  spec: OptionSpec,
  sections: Record<string, ConfigSection>,
): Schema {
  const { config: _, ...options } = spec;
  const properties: Record<string, Schema> = {
    $schema: { type: "string" },
    ...propertiesOf(options),
  };
  for (const [key, section] of Object.entries(sections)) {
    const named = schemaOfSection(section);
    const plain = properties[key];
    properties[key] = plain === undefined ? named : { anyOf: [plain, named] };
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "What `--config` of pointwire's client takes",
    ...objectOf(properties),
  };
}

function schemaOfSection({ option, spec }: ConfigSection): Schema {
  const { [option]: main, ...others } = propertiesOf(spec);
  const { description } = main;
  const one = {
    ...objectOf({ [option]: { type: "string", description }, ...others }),
    required: [option],
  };
  return {
    type: "object",
    description: "By name: what it is, or that with its own options",
    additionalProperties: { anyOf: [{ type: "string" }, one] },
  };
}

function propertiesOf(spec: OptionSpec): Record<string, Schema> {
  return Object.fromEntries(
    Object.entries(spec).map(([name, option]) => [name, schemaOf(option)]),
  );
}

function objectOf(properties: Record<string, Schema>): Schema {
  return { type: "object", additionalProperties: false, properties };
}

function schemaOf(option: Option): Schema {
  const described = {
    description: option.help,
    ...("default" in option && option.default !== undefined &&
      { default: option.default }),
  };
  switch (option.type) {
    case "flag":
      return { type: "boolean", ...described };
    case "choice":
      return { enum: option.choices, ...described };
    case "number":
    case "integer": {
      const { type, min, max } = option;
      const most = max !== undefined && { maximum: max };
      return { type, minimum: min, ...most, ...described };
    }
    default:
      return { anyOf: [TEXT, { type: "array", items: TEXT }], ...described };
  }
}

/** Several are joined with commas, as a command line has them. */
const TEXT = { type: ["string", "number"] };

if (import.meta.main) {
  const schema = configSchema(CLIENT_OPTIONS, CLIENT_SECTIONS);
  const path = new URL("../docs/client.schema.json", import.meta.url);
  await Deno.writeTextFile(path, JSON.stringify(schema, null, 2) + "\n");
}
