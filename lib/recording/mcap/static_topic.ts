/** The topic of transforms that hold for all times (REP 105, tf2). */
export const STATIC_TOPIC = "/tf_static";

const FOREVER = "{sec: 9223372036, nsec: 854775807}";

/**
 * The quality of service that `ros2 bag play` offers the topic with, as rosbag2
 * writes it: who comes later still gets what was said (durability 1, transient
 * local).
 */
export const STATIC_QOS = `- history: 1
  depth: 1
  reliability: 1
  durability: 1
  deadline: ${FOREVER}
  lifespan: ${FOREVER}
  liveliness: 1
  liveliness_lease_duration: ${FOREVER}
  avoid_ros_namespace_conventions: false
`;
