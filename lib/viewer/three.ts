/** What the page uses of three.js, with its types. */

// @ts-types="@types/three"
export {
  BufferAttribute,
  BufferGeometry,
  Color,
  DynamicDrawUsage,
  Float32BufferAttribute,
  GLSL3,
  Group,
  type IUniform,
  LineSegments,
  Matrix4,
  type Object3D,
  PerspectiveCamera,
  Points,
  Quaternion,
  RawShaderMaterial,
  Scene,
  Spherical,
  Vector3,
  WebGLRenderer,
} from "three";
// @ts-types="@types/three/examples/jsm/controls/OrbitControls.js"
export { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
