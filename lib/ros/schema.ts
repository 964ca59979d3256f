/** How the messages of a topic are serialised. */
export const MESSAGE_ENCODINGS = ["cdr", "ros1", "protobuf", "json"] as const;
/** How messages are serialised: ROS 2's CDR, ROS 1's own, and Foxglove's. */
export type MessageEncoding = typeof MESSAGE_ENCODINGS[number];

/** What a bag or a server says of the messages of a topic. */
export interface MessageSchema {
  /**
   * The type: `sensor_msgs/msg/PointCloud2`, `sensor_msgs/PointCloud2` in ROS
   * 1, `foxglove.PointCloud`, `foxglove_msgs/msg/PointCloud`.
   */
  readonly name: string;
  /** How they are serialised. */
  readonly encoding: MessageEncoding;
}

/** Tells whether a text names a way to serialise messages that is known. */
export function isMessageEncoding(text: string): text is MessageEncoding {
  return MESSAGE_ENCODINGS.some((known) => known === text);
}
