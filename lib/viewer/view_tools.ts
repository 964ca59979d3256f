/** Keys and buttons of the view. */
import type { ColorControl } from "./color_control.ts";
import { byId } from "./elements.ts";
import { listenForKeys } from "./keyboard.ts";
import type { PauseControl } from "./pause_control.ts";
import type { PickControl } from "./pick_control.ts";
import type { RecordingPlayer } from "./recording_player.ts";
import type { PointScene } from "./scene.ts";
import type { VideoPanel } from "./video_panel.ts";

/** What keys and buttons are for. */
export interface ViewTools {
  scene: PointScene;
  color: ColorControl;
  picks: PickControl;
  video: VideoPanel;
  pause: PauseControl;
  recordings: RecordingPlayer;
}

/** Listens to the keys, and to the buttons that are no control's. */
export function setUpViewTools(
  { scene, color, picks, video, pause, recordings }: ViewTools,
): void {
  const size = byId("point-size", HTMLInputElement);
  const help = byId("help", HTMLDialogElement);
  const setPointSize = (points: number) => {
    size.valueAsNumber = points;
    scene.pointSize = size.valueAsNumber;
  };
  listenForKeys(
    {
      " ": () => pause.toggle(),
      f: () => scene.fit(),
      r: () => scene.fit(),
      c: () => color.next(),
      p: () => picks.pickMiddle(),
      escape: () => picks.clear(),
      m: () => video.toggleSound(),
      v: () => video.toggle(),
      "[": () => setPointSize(size.valueAsNumber - 0.5),
      "]": () => setPointSize(size.valueAsNumber + 0.5),
      "?": () => help.showModal(),
    },
    (key, shift) =>
      recordings.press(key, shift) || scene.navigation.press(key, shift),
  );
  size.addEventListener("input", () => setPointSize(size.valueAsNumber));
  byId("fit", HTMLButtonElement).addEventListener("click", () => scene.fit());
  byId("help-button", HTMLButtonElement)
    .addEventListener("click", () => help.showModal());
  const more = byId("more", HTMLButtonElement);
  more.addEventListener("click", () => {
    const open = more.getAttribute("aria-expanded") === "true";
    more.setAttribute("aria-expanded", String(!open));
  });
}
