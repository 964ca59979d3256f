import { LOG_FORMATS, LOG_LEVELS } from "../log.ts";

/** The options of every program that logs. */
export const LOG_OPTIONS = {
  "log-level": {
    type: "choice",
    choices: LOG_LEVELS,
    default: "info",
    help: "Least severity that is logged",
  },
  "log-format": {
    type: "choice",
    choices: LOG_FORMATS,
    default: "text",
    help: "Shape of a log line",
  },
} as const;
