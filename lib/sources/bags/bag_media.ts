import type { Logger } from "../../log.ts";
import { CombinedMedia } from "../../media/combined_media.ts";
import type { CopiedCodec } from "../../media/copied_video.ts";
import type { MediaSource } from "../../media/media_source.ts";
import type { PushedMedia } from "../../media/pushed_media.ts";
import { SourceError } from "../errors.ts";
import { BagPictures, copiedCodecOf } from "./bag_pictures.ts";
import type { BagPlayer } from "./bag_player.ts";
import type { PlayingOptions } from "./playing.ts";
import type { BagPlayers } from "./bag_players.ts";
import { BagSound } from "./bag_sound.ts";
import type { BagName } from "./open_bag.ts";
import { type KnownTopic, listTopics, pickTopics } from "./topics.ts";

export interface BagMediaOptions extends PlayingOptions {
  /** The bags that are played: a bag's clouds are in step with its pictures. */
  bags: BagPlayers;
  /** Makes what the pictures are pushed into, to be copied or encoded. */
  openMedia(copied?: CopiedCodec): PushedMedia;
  /** Hands pictures on as they were recorded. @default {false} */
  copies?: boolean;
  log: Logger;
}

/**
 * Opens a bag's topic of compressed pictures, or of video, as a camera, or one
 * of sound, or one of each: `drive.mcap:/camera,/audio`. Where its clouds are
 * played too, they say how.
 *
 * @throws {SourceError} for what is no bag, or has no such topic, and for
 * pictures that can't be handed on as they are.
 */
export async function openBagMedia(
  name: BagName,
  { bags, openMedia, copies = false, log, ...playing }: BagMediaOptions,
): Promise<MediaSource> {
  await using used = await bags.join(name.path, playing);
  const { player } = used;
  const { picture, sound } = chooseTopics(player, name);
  const parts: MediaSource[] = [];
  if (picture !== undefined) {
    const copied = copies ? await copiedCodecOf(player, picture) : undefined;
    const pushed = openMedia(copied);
    parts.push(new BagPictures(player, picture, { pushed, copied, log }));
  }
  if (sound !== undefined) parts.push(new BagSound(player, sound, log));
  if (parts.length === 1) return parts[0];
  return new CombinedMedia(parts.map((media) => ({ media })));
}

/** What is chosen of a bag: one of them, or both. */
interface ChosenTopics {
  picture?: KnownTopic;
  sound?: KnownTopic;
}

function chooseTopics(
  { bag, known }: BagPlayer,
  { path, topics: pattern }: BagName,
): ChosenTopics {
  const media = known.filter(({ kind }) =>
    kind === "picture" || kind === "sound"
  );
  const picked = pattern === undefined
    ? media.map(({ topic }) => topic)
    : pickTopics(bag.topics, pattern, path);
  const chosen = media.filter(({ topic }) => picked.includes(topic));
  const pictures = chosen.filter(({ kind }) => kind === "picture");
  const sounds = chosen.filter(({ kind }) => kind === "sound");
  const which = pattern === undefined ? path : `${pattern} of ${path}`;
  if (chosen.length === 0) {
    const all = listTopics(media.map(({ topic }) => topic));
    throw new SourceError(
      `${which} has no pictures and no sound; those that have are ${all}`,
    );
  }
  for (
    const [what, { length }] of [["pictures", pictures], [
      "sound",
      sounds,
    ]] as const
  ) {
    if (length <= 1) continue;
    throw new SourceError(
      `${which} is ${length} topics of ${what}, and each camera has a ` +
        `--media of its own, such as --media front=${path}:` +
        chosen[0].topic.name,
    );
  }
  return { picture: pictures[0], sound: sounds[0] };
}
