/** One stream, as the page has it. */
import type { ClockOffset } from "../wire/clock_offset.ts";
import type { StreamPlace } from "../wire/messages.ts";
import type { CloudView } from "./cloud_view.ts";
import type { ColorChoice } from "./coloring.ts";
import type { Keeping } from "./kept_clouds.ts";
import { StreamCounts } from "./stream_counts.ts";
import type { StreamSink } from "./stream_messages.ts";

/** What a stream is, how it is drawn, and what comes of it. */
export class StreamLayer {
  /** The page's number of it; no other is called so. */
  readonly id: number;
  /** Whose it is: what plays a session. */
  readonly player: string;
  readonly name: string;
  /** What it is called on the page: with its session, where there are more. */
  readonly label: string;
  readonly view: CloudView;
  readonly counts = new StreamCounts();
  /** Where its coordinates stand, as its session says. */
  place: StreamPlace = {};
  /** Tells how far its publisher's clock is ahead, where that is known. */
  clock: () => ClockOffset | undefined = () => undefined;
  /** When what is drawn was captured, by its publisher's clock. */
  drawnTime: number | undefined;
  /** When the last message of it came, milliseconds. */
  heardAt = -Infinity;
  /** What it is coloured by; nothing for what all are. */
  color: ColorChoice | undefined;
  /** What stays drawn of its older clouds. */
  keeping: Keeping = { kind: "newest" };
  /** Whether time stands: nothing comes of it, and yet it isn't over. */
  isStill = false;
  /** What takes the messages of its channel; nothing while none is open. */
  sink: StreamSink | undefined;

  constructor(
    { id, player, name, label, view }: Pick<
      StreamLayer,
      "id" | "player" | "name" | "label" | "view"
    >,
  ) {
    this.id = id;
    this.player = player;
    this.name = name;
    this.label = label;
    this.view = view;
  }

  /** Whether it is drawn. */
  get isShown(): boolean {
    return this.view.group.visible;
  }

  set isShown(isShown: boolean) {
    this.view.group.visible = isShown;
  }

  /** Whether nothing comes of it any more. */
  isOver(now: number): boolean {
    return this.sink === undefined ||
      !this.isStill && this.counts.isSilent(now);
  }
}

/** The frame that coordinates stand in; nothing where none is said. */
export function rootOf({ parent, frameId }: StreamPlace): string | undefined {
  return parent ?? frameId;
}
