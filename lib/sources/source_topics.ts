import type { MessageKind } from "../ros/message_kinds.ts";

/** A topic of a source, for those who want to know what there is. */
export interface SourceTopic {
  name: string;
  /** The type of its messages. */
  type: string;
  /** How many there are, and how many a second, where that is known. */
  messages?: number;
  rate?: number;
  /** What is made of it; nothing where it can't be sent. */
  use?: "points" | "pictures" | "sound" | "places";
}

/** Tells what is made of messages; nothing of those that aren't read. */
export function useOf(kind: MessageKind | undefined): SourceTopic["use"] {
  switch (kind) {
    case "cloud":
    case "encodedCloud":
      return "points";
    case "picture":
      return "pictures";
    case "sound":
      return "sound";
    case "transforms":
      return "places";
  }
}

/** Tells whether messages are clouds. */
export function hasClouds(kind: MessageKind | undefined): boolean {
  return useOf(kind) === "points";
}
