/** What a program needs to make and to read clouds: a part of every door. */
export {
  type CloudLayout,
  type CloudShape,
  type Column,
  column,
  createCloud,
  type CreateCloudOptions,
  findField,
  float32Fields,
  type PointCloud,
  pointCloud,
  type Pose,
  toFloat32,
} from "./cloud.ts";
export {
  FIELD_TYPES,
  type FieldType,
  type NamedType,
  packFields,
  type PointField,
} from "./field.ts";
