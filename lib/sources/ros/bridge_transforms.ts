import { LogThrottle } from "../../limits/log_throttle.ts";
import type { Logger } from "../../log.ts";
import { TransformTree } from "../../ros/transform_tree.ts";
import type { RosBridge } from "./bridge.ts";
import { kindOf, readerOf } from "./channels.ts";

/** Topics of transforms that are followed at most. */
const MAX_TOPICS = 64;

/**
 * The frames of a robot, kept up with all of its topics that tell of
 * transforms: those of ROS, and of Foxglove's schemas.
 */
export class BridgeTransforms implements Disposable {
  readonly tree: TransformTree;
  readonly #bridge: RosBridge;
  readonly #log: LogThrottle;
  readonly #followed = new Map<string, () => void>();
  readonly #unwatch: () => void;

  constructor(
    bridge: RosBridge,
    { fixedFrame, log }: { fixedFrame?: string; log: Logger },
  ) {
    this.tree = new TransformTree({ fixedFrame });
    this.#bridge = bridge;
    this.#log = new LogThrottle(log);
    this.#unwatch = bridge.watch(() => this.#follow());
    this.#follow();
  }

  [Symbol.dispose](): void {
    this.#unwatch();
    for (const unsubscribe of this.#followed.values()) unsubscribe();
    this.#followed.clear();
  }

  #follow(): void {
    for (const [topic, channel] of this.#bridge.topics) {
      if (kindOf(channel) !== "transforms" || this.#followed.has(topic)) {
        continue;
      }
      if (this.#followed.size >= MAX_TOPICS) return;
      // Those of before hold until others come, and forever.
      const isStatic = topic.endsWith("tf_static");
      const unsubscribe = this.#bridge.subscribe(topic, ({ data, channel }) => {
        try {
          const message = readerOf(channel)?.(data);
          if (message?.kind !== "transforms") return;
          for (const transform of message.transforms) {
            this.tree.add(transform, isStatic);
          }
        } catch (error) {
          this.#log.warn("transforms passed over", { topic, error });
        }
      });
      this.#followed.set(topic, unsubscribe);
    }
  }
}
