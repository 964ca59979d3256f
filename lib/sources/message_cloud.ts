import type { PointCloud } from "../points/cloud.ts";
import { createDecoder } from "../points/codecs.ts";
import { UndecodedCloud } from "../points/undecoded_cloud.ts";
import type { CloudMessage, EncodedCloudMessage } from "../ros/message.ts";

/**
 * Gives the cloud of a message. One of a codec that frames have is left as it
 * came, so that it can be handed on.
 *
 * @throws {PointsError} where it is damaged, or too large.
 */
export async function cloudOf(
  message: CloudMessage | EncodedCloudMessage,
): Promise<PointCloud> {
  if (message.kind === "cloud") return message.cloud;
  const { codec, bytes } = message;
  if (codec !== "cloudini") return await message.decode();
  const decoder = createDecoder(codec);
  const shape = decoder.inspect(bytes);
  return new UndecodedCloud({
    ...{ codec, bytes, shape },
    decode: () => decoder.decode(bytes),
  });
}
