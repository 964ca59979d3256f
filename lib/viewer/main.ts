/** The page: watches what is live, and shows it. */
import { Dashboard } from "./dashboard.ts";
import { byId, setIcon, setText } from "./elements.ts";
import { Follower, type FollowState } from "./follower.ts";
import { FramesDecoder } from "./frames_decoder.ts";
import { followSessions, type LiveSession } from "./live_sessions.ts";
import { play } from "./player.ts";
import { setUpPublishing } from "./publish_control.ts";
import { formatBound } from "./readings.ts";
import { PointScene } from "./scene.ts";
import { SessionPicker } from "./session_picker.ts";
import { COLOR_BY, type ColorBy } from "./shaders.ts";
import { showState } from "./status.ts";
import { rampGradient } from "./theme.ts";
import { VideoPanel } from "./video_panel.ts";
import type { DecodedCloud } from "./worker_messages.ts";

/** How often the readings are written, milliseconds. */
const UPDATE_MS = 400;

/** A live session without points for so long has none, milliseconds. */
const NO_POINTS_MS = 1_500;

/** A connection without points for so long may be a dead one, milliseconds. */
const SILENT_MS = 2_000;

/** Share of the video's width that the cloud is moved aside by. */
const UNDER_VIDEO = 0.3;

const decoder = new FramesDecoder({
  onCloud: show,
  onInvalid: (why) => console.warn(why),
});
const dashboard = new Dashboard();
const scene = openScene();
const video = new VideoPanel();
const colorSelect = byId("color", HTMLSelectElement);
const sizeInput = byId("point-size", HTMLInputElement);
const pauseButton = byId("pause", HTMLButtonElement);
const helpDialog = byId("help", HTMLDialogElement);

let state: FollowState = { kind: "idle" };
let sessions: readonly LiveSession[] = [];
let known = false;
let offline = false;
let paused = false;
let fitNext = true;
let cloudsOfStream = 0;
let liveSince = 0;
let messageAt = 0;

// --- what is live --------------------------------------------------------

const follower = new Follower(
  (id, connected, signal) =>
    play(id, {
      onConnected: connected,
      onMessage(bytes) {
        messageAt = performance.now();
        dashboard.received(bytes.byteLength);
        decoder.push(bytes);
      },
      onFields: (fields) => decoder.setFields(fields),
      onMedia: (media) => video.stream = media,
    }, signal),
  {
    onState(next) {
      state = next;
      if (next.kind === "live") liveSince = performance.now();
      if (next.kind === "connecting") beginStream();
      if (next.kind === "ended") {
        video.stream = undefined;
        dashboard.reset();
      }
      picker.update(sessions, follower.current);
      update();
    },
    onStream(_id, resumes) {
      video.stream = undefined;
      if (resumes) return;
      fitNext = true;
      scene.clear();
    },
  },
  new URLSearchParams(location.search).get("session") ?? undefined,
);
const picker = new SessionPicker((id) => {
  follower.ask(id);
  const url = new URL(location.href);
  url.searchParams.set("session", id);
  history.replaceState(null, "", url);
});

followSessions({
  onSessions(next) {
    sessions = next;
    known = true;
    offline = false;
    follower.update(next);
    picker.update(next, follower.current);
    update();
  },
  onClosed: (id, reason) => follower.closed(id, reason),
  onOffline() {
    offline = true;
    update();
  },
}, new AbortController().signal);

/** Another connection begins: frames count anew. */
function beginStream(): void {
  cloudsOfStream = 0;
  dashboard.reset();
  decoder.reset();
}

// --- clouds --------------------------------------------------------------

function show(cloud: DecodedCloud): void {
  cloudsOfStream++;
  dashboard.decoded(cloud.frame, cloud.points);
  // A page in the background draws nothing, and need not upload either.
  if (paused || document.hidden) return decoder.recycle(cloud);
  const last = scene.show(cloud);
  if (last !== undefined) decoder.recycle(last);
  if (fitNext && cloud.ranges !== undefined) {
    fitNext = false;
    scene.fit();
  }
}

// --- the page ------------------------------------------------------------

function openScene(): PointScene {
  try {
    return new PointScene(
      byId("cloud", HTMLCanvasElement),
      ({ frame, captureTime }) => dashboard.shown(frame, captureTime),
      ({ ramp }) => {
        byId("ramp", HTMLElement).style.background = rampGradient(ramp);
      },
    );
  } catch (error) {
    const status = byId("status", HTMLElement);
    status.dataset.state = "failed";
    setText(status, "This browser has no WebGL 2, which draws the points.");
    throw error;
  }
}

/** Writes what has changed into the page. */
function update(): void {
  const live = state.kind === "live";
  const session = sessions.find(({ id }) => id === follower.current);
  const mediaOnly = live && cloudsOfStream === 0 && video.hasPicture &&
    performance.now() - liveSince > NO_POINTS_MS;
  showState({
    follow: state,
    offline,
    silent: performance.now() - messageAt > SILENT_MS,
    known,
    paused,
    mediaOnly,
    watchers: session?.watchers,
  });
  dashboard.update();
  updateLegend();
}

function updateLegend(): void {
  const { range, cloud } = scene.view;
  byId("legend", HTMLElement).classList.toggle("none", range === undefined);
  const unit = colorSelect.value === "intensity" ? "" : " m";
  if (range !== undefined) {
    const { low, high } = range;
    const [from, to] = [low, high].map((end) => formatBound(end, high - low));
    setText(byId("range-low", HTMLElement), from);
    setText(byId("range-high", HTMLElement), to + unit);
  }
  const intensity = colorSelect.options.namedItem("intensity") ??
    colorSelect.options[COLOR_BY.intensity];
  intensity.disabled = cloud !== undefined && cloud.stride === 3;
}

/** Tells the scene how much of it lies under the panels. */
function updateInsets(): void {
  const top = byId("top", HTMLElement).getBoundingClientRect();
  const bottom = byId("bottom", HTMLElement).getBoundingClientRect();
  document.documentElement.style.setProperty(
    "--sheet",
    `${innerHeight - bottom.top}px`,
  );
  const beside = innerWidth > 700 ? video.width * UNDER_VIDEO : 0;
  scene.insets = {
    top: top.bottom,
    right: beside,
    bottom: innerHeight - bottom.top,
    left: 0,
  };
}

function setPaused(next: boolean): void {
  paused = next;
  video.paused = next;
  pauseButton.setAttribute("aria-pressed", String(next));
  setIcon(pauseButton, next ? "play" : "pause");
  const label = pauseButton.querySelector("span");
  if (label !== null) setText(label, next ? "Go on" : "Pause");
  update();
}

function setColor(value: string): void {
  if (!Object.hasOwn(COLOR_BY, value)) return;
  colorSelect.value = value;
  scene.view.colorBy = value as ColorBy;
  scene.invalidate();
  updateLegend();
}

function nextColor(): void {
  const names = [...colorSelect.options].filter(({ disabled }) => !disabled)
    .map(({ value }) => value);
  setColor(names[(names.indexOf(colorSelect.value) + 1) % names.length]);
}

function setPointSize(size: number): void {
  sizeInput.valueAsNumber = size;
  scene.pointSize = sizeInput.valueAsNumber;
}

function setUpCommand(): void {
  const command =
    `deno task client --signaling ${location.origin}/offer --source lidar ` +
    "--duration 0";
  const code = byId("help-command", HTMLElement);
  for (const word of command.split(" ")) {
    const part = document.createElement("span");
    part.textContent = word;
    code.append(part, " ");
  }
  const copy = byId("copy", HTMLButtonElement);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command);
      setText(copy, "Copied");
    } catch {
      // Browsers give the clipboard on https and localhost alone.
      getSelection()?.selectAllChildren(code);
      setText(copy, "Selected");
    }
    setTimeout(() => setText(copy, "Copy"), 2_000);
  });
}

const KEYS: Record<string, () => void> = {
  " ": () => setPaused(!paused),
  f: () => scene.fit(),
  r: () => scene.fit(),
  c: nextColor,
  m: () => video.toggleSound(),
  v: () => video.toggle(),
  "[": () => setPointSize(sizeInput.valueAsNumber - 0.5),
  "]": () => setPointSize(sizeInput.valueAsNumber + 0.5),
  "?": () => helpDialog.showModal(),
};

addEventListener("keydown", (event) => {
  const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
  if (altKey || ctrlKey || metaKey || helpDialog.open) return;
  // A control that has the focus keeps the keys that it understands itself.
  const inControl = target instanceof Element &&
    target.closest("select, input, button") !== null;
  if (inControl && (key === " " || key.startsWith("Arrow"))) return;
  if (target instanceof HTMLSelectElement && key.length === 1) return;
  const action = KEYS[key.toLowerCase()];
  if (action !== undefined) action();
  else if (!scene.navigation.press(key, shiftKey)) return;
  event.preventDefault();
});

pauseButton.addEventListener("click", () => setPaused(!paused));
byId("fit", HTMLButtonElement).addEventListener("click", () => scene.fit());
colorSelect.addEventListener("change", () => setColor(colorSelect.value));
sizeInput.addEventListener(
  "input",
  () => setPointSize(sizeInput.valueAsNumber),
);
byId("help-button", HTMLButtonElement)
  .addEventListener("click", () => helpDialog.showModal());
const more = byId("more", HTMLButtonElement);
more.addEventListener("click", () => {
  const open = more.getAttribute("aria-expanded") === "true";
  more.setAttribute("aria-expanded", String(!open));
});

new ResizeObserver(updateInsets).observe(byId("bottom", HTMLElement));
new ResizeObserver(updateInsets).observe(byId("top", HTMLElement));
video.onToggle = updateInsets;
setUpCommand();
setUpPublishing();
updateInsets();
update();
setInterval(update, UPDATE_MS);
