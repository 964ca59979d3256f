/** The page: watches what is live, and shows it. */
import { authorizedFetch } from "./authorized_fetch.ts";
import { ColorControl } from "./color_control.ts";
import { Dashboard } from "./dashboard.ts";
import { byId, setIcon, setText } from "./elements.ts";
import { FollowControl } from "./follow_control.ts";
import { HttpWay, pageProtocol } from "./http_way.ts";
import { listenForKeys } from "./keyboard.ts";
import { followSessions, type LiveSession } from "./live_sessions.ts";
import { PickControl } from "./pick_control.ts";
import { setUpPublishing } from "./publish_control.ts";
import { PointScene } from "./scene.ts";
import { SessionPicker } from "./session_picker.ts";
import { SessionPlayer } from "./session_player.ts";
import { SessionPlayers } from "./session_players.ts";
import { setUpStartCommand } from "./start_command.ts";
import { showState } from "./status.ts";
import { Streams } from "./streams.ts";
import { StreamsPanel } from "./streams_panel.ts";
import { rampGradient } from "./theme.ts";
import { TokenDialog } from "./token_dialog.ts";
import { Tokens } from "./tokens.ts";
import { decodableVideo } from "./video_counts.ts";
import { VideoPanel } from "./video_panel.ts";
import { whyNoPicture } from "./video_support.ts";

/** How often the readings are written, milliseconds. */
const UPDATE_MS = 400;

/** A connection without points for so long may be a dead one, milliseconds. */
const SILENT_MS = 2_000;

/** Share of a panel's width that the clouds are moved aside by. */
const UNDER_PANEL = 0.3;

const dashboard = new Dashboard();
const scene = openScene();
const streams = new Streams({ scene, dashboard, onChange: () => update() });
const video = new VideoPanel((player) => streams.drawnTime(player));
const color = new ColorControl(streams);
const picks = new PickControl(scene, streams);
const streamsPanel = new StreamsPanel(streams, () => updateInsets());
const follow = new FollowControl(scene, streams);
const sizeInput = byId("point-size", HTMLInputElement);
const pauseButton = byId("pause", HTMLButtonElement);
const helpDialog = byId("help", HTMLDialogElement);

let sessions: readonly LiveSession[] = [];
let known = false;
let offline = false;
let refused = false;
let paused = false;
const decodable = decodableVideo();

// --- what is live --------------------------------------------------------

const tokens = new Tokens(new TokenDialog(), sessionStorage);
const watchFetch = authorizedFetch(tokens, "watch");
const httpWay = new HttpWay({ protocol: pageProtocol() });

const players: SessionPlayers<SessionPlayer> = new SessionPlayers({
  asked: new URLSearchParams(location.search).get("watch") ?? undefined,
  create: (of) =>
    new SessionPlayer({
      ...of,
      streams,
      video,
      fetch: watchFetch,
      httpWay,
      tracksOf: (id) => sessions.find((session) => session.id === id)?.tracks,
      onOther() {
        if (players.isGroup) return;
        scene.navigation.moved = false;
        picks.clear();
      },
      onConnecting() {
        if (!players.isGroup) dashboard.reset();
      },
      onState() {
        picker.update(sessions, players.current);
        update();
      },
    }),
});
const picker: SessionPicker = new SessionPicker((name) => {
  scene.navigation.moved = false;
  picks.clear();
  players.ask(name);
  const url = new URL(location.href);
  url.searchParams.set("watch", name);
  // A slash may stand in a query (RFC 3986 section 3.4), and is read better.
  url.search = url.search.replaceAll("%2F", "/");
  history.replaceState(null, "", url);
});

void followSessions(
  {
    onSessions(next) {
      sessions = next;
      known = true;
      offline = refused = false;
      players.update(next);
      picker.update(next, players.current);
      update();
    },
    onClosed: (id, reason) => players.closed(id, reason),
    onOffline() {
      offline = true;
      refused = false;
      update();
    },
    onRefused() {
      refused = true;
      update();
    },
  },
  watchFetch,
  new AbortController().signal,
);

// --- the page ------------------------------------------------------------

function openScene(): PointScene {
  const scene = new PointScene(
    byId("cloud", HTMLCanvasElement),
    (cloud) => {
      const layer = streams.of(cloud);
      const latency = dashboard.shown({
        ...cloud,
        stream: layer?.name ?? "",
        clock: layer?.clock(),
      });
      if (layer === undefined) return;
      layer.counts.latency.push(performance.now(), latency);
      layer.drawnTime = cloud.captureTime;
    },
    ({ ramp }) => {
      byId("ramp", HTMLElement).style.background = rampGradient(ramp);
    },
  );
  byId("no-cloud", HTMLElement).hidden = scene.isDrawn;
  document.documentElement.dataset.picture = scene.isDrawn ? "3d" : "none";
  return scene;
}

/** Writes what has changed into the page. */
function update(): void {
  const now = performance.now();
  const { list, state } = players;
  const live = list.filter(({ state }) => state.kind === "live");
  showState({
    follow: state,
    asked: players.asked,
    offline,
    refused,
    silent: list.every((player) => player.silence(now) > SILENT_MS),
    known,
    paused,
    mediaOnly: live.length > 0 &&
      live.every((player) => player.isMediaOnly(now)),
    byHttp: live.some(({ isByHttp }) => isByHttp),
    watchers: sessionOf(list[0])?.watchers,
    group: players.isGroup
      ? { live: live.length, leftOut: leftOut() }
      : undefined,
  });
  video.note = whyNoPictures(live);
  streams.update(now);
  dashboard.update(
    streams.list.map(({ counts }) => counts),
    video.writeSkew(now),
  );
  color.update();
  streamsPanel.update(now);
  follow.update();
}

/** Names the sessions of a group that are not played. */
function leftOut(): string[] {
  const waiting = players.list.filter(({ isLeftOut }) => isLeftOut);
  return [...waiting.map(({ title }) => title), ...players.leftOut];
}

/** The session that a player plays, as the server last told of it. */
function sessionOf(player: SessionPlayer | undefined): LiveSession | undefined {
  return sessions.find(({ id }) => id === player?.follower.current);
}

/** Says which live sessions have pictures that can't be shown. */
function whyNoPictures(live: readonly SessionPlayer[]): string | undefined {
  const notes = live.flatMap((player) => {
    if (video.hasPicture(player.key)) return [];
    const { videoCounts, title } = player;
    const why = whyNoPicture(
      sessionOf(player)?.video,
      videoCounts,
      decodable,
    );
    return why === undefined ? [] : [title === "" ? why : `${title}: ${why}`];
  });
  return notes.length === 0 ? undefined : notes.join(" ");
}

/** Tells the scene how much of it lies under the panels. */
function updateInsets(): void {
  const top = byId("top", HTMLElement).getBoundingClientRect();
  const bottom = byId("bottom", HTMLElement).getBoundingClientRect();
  document.documentElement.style.setProperty(
    "--sheet",
    `${innerHeight - bottom.top}px`,
  );
  const beside = innerWidth > 700 ? video.width * UNDER_PANEL : 0;
  scene.insets = {
    top: top.bottom,
    right: beside,
    bottom: innerHeight - bottom.top,
    left: innerWidth > 700 ? streamsPanel.width * UNDER_PANEL : 0,
  };
}

function setPaused(next: boolean): void {
  paused = next;
  streams.isPaused = next;
  video.paused = next;
  pauseButton.setAttribute("aria-pressed", String(next));
  setIcon(pauseButton, next ? "play" : "pause");
  const label = pauseButton.querySelector("span");
  if (label !== null) setText(label, next ? "Go on" : "Pause");
  update();
}

function setPointSize(size: number): void {
  sizeInput.valueAsNumber = size;
  scene.pointSize = sizeInput.valueAsNumber;
}

listenForKeys({
  " ": () => setPaused(!paused),
  f: () => scene.fit(),
  r: () => scene.fit(),
  c: () => color.next(),
  p: () => picks.pickMiddle(),
  escape: () => picks.clear(),
  m: () => video.toggleSound(),
  v: () => video.toggle(),
  "[": () => setPointSize(sizeInput.valueAsNumber - 0.5),
  "]": () => setPointSize(sizeInput.valueAsNumber + 0.5),
  "?": () => helpDialog.showModal(),
}, (key, shift) => scene.navigation.press(key, shift));
pauseButton.addEventListener("click", () => setPaused(!paused));
byId("fit", HTMLButtonElement).addEventListener("click", () => scene.fit());
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
video.onResize = updateInsets;
void setUpStartCommand(location, watchFetch);
setUpPublishing(authorizedFetch(tokens, "publish"));
updateInsets();
update();
setInterval(update, UPDATE_MS);
