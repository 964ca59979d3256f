/** File formats that a frame is written in, by their extensions. */
export const FILE_TARGETS = ["pcd", "ply", "npy", "las", "cloudini"] as const;

/** What a frame is written as: a file, or ROS's PointCloud2 in CDR. */
export type FrameTarget = typeof FILE_TARGETS[number] | "pointcloud2";
