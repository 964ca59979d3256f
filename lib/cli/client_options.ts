/** All options of the client, and what `--config` makes of them. */
import { createLogger } from "../log.ts";
import { CREDENTIAL_OPTIONS } from "./client_credentials.ts";
import { CONFIG_OPTION, type ConfigSection } from "./config_file.ts";
import { LOG_OPTIONS } from "./log_options.ts";
import { MEDIA_OPTIONS, readMedia } from "./media_options.ts";
import { NAME_OPTION } from "./name_option.ts";
import { NETWORK_OPTIONS } from "./network_options.ts";
import { PUBLISH_OPTIONS } from "./publish_options.ts";
import { CAPTURE_OPTIONS } from "./recording_options.ts";
import { readStreams, STREAM_OPTIONS } from "./stream_options.ts";

export const CLIENT_OPTIONS = {
  ...CONFIG_OPTION,
  ...CREDENTIAL_OPTIONS,
  ...NAME_OPTION,
  ...STREAM_OPTIONS,
  ...PUBLISH_OPTIONS,
  ...MEDIA_OPTIONS,
  ...CAPTURE_OPTIONS,
  json: { type: "flag", help: "Print the report as one line of JSON" },
  ...NETWORK_OPTIONS,
  ...LOG_OPTIONS,
} as const;

/** What a file of options has several of, each with options of its own. */
export const CLIENT_SECTIONS: Record<string, ConfigSection> = {
  sources: {
    option: "source",
    spec: STREAM_OPTIONS,
    check: (args) =>
      void readStreams(args, STREAM_OPTIONS, createLogger({ write() {} })),
  },
  media: {
    option: "media",
    spec: MEDIA_OPTIONS,
    check: (args) => void readMedia(args, MEDIA_OPTIONS),
  },
};
