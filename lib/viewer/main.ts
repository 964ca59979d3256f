/** The page: watches what is live, and shows it. */
import { authorizedFetch } from "./authorized_fetch.ts";
import { ColorControl } from "./color_control.ts";
import { Dashboard } from "./dashboard.ts";
import { byId } from "./elements.ts";
import { FollowControl } from "./follow_control.ts";
import { HttpWay, pageProtocol } from "./http_way.ts";
import { followSessions, type LiveSession } from "./live_sessions.ts";
import { readAddress, readSelection, withAsked } from "./page_address.ts";
import { PauseControl } from "./pause_control.ts";
import { PickControl } from "./pick_control.ts";
import { setUpPublishing } from "./publish_control.ts";
import { whyNoPictures } from "./pictures_note.ts";
import { RecordingPlayer } from "./recording_player.ts";
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
import { setUpViewTools } from "./view_tools.ts";

/** How often the readings are written, milliseconds. */
const UPDATE_MS = 400;

/** A connection without points for so long may be a dead one, milliseconds. */
const SILENT_MS = 2_000;

/** A session that is over is a whole recording after so long, milliseconds. */
const RECORDED_MS = 5_000;

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

let sessions: readonly LiveSession[] = [];
let known = false;
let offline = false;
let refused = false;
let hasRecordings = false;
const decodable = decodableVideo();

// --- what is live --------------------------------------------------------

const tokens = new Tokens(new TokenDialog(), sessionStorage);
const watchFetch = authorizedFetch(tokens, "watch");
const httpWay = new HttpWay({ protocol: pageProtocol() });

const asked = readAddress(location);
const players: SessionPlayers<SessionPlayer> = new SessionPlayers({
  asked: asked.watch,
  isStopped: asked.recording !== undefined,
  create: (of) =>
    new SessionPlayer({
      ...of,
      streams,
      video,
      fetch: watchFetch,
      selection: readSelection(location),
      httpWay,
      tracksOf: (id) => sessions.find((session) => session.id === id)?.tracks,
      onOther() {
        if (!players.isGroup) lookAnew();
      },
      onConnecting() {
        if (!players.isGroup) dashboard.reset();
      },
      onState() {
        updatePicker();
        update();
      },
    }),
});
const recordings: RecordingPlayer = new RecordingPlayer({
  ...{ streams, video, fetch: watchFetch },
  onOther() {
    lookAnew();
    dashboard.reset();
  },
  onChange() {
    updatePicker();
    update();
  },
});
const pause: PauseControl = new PauseControl({
  ...{ streams, video, recordings },
  onChange: () => update(),
});
const picker: SessionPicker = new SessionPicker({
  onSession(name) {
    recordings.stop();
    lookAnew();
    players.ask(name);
    history.replaceState(null, "", withAsked(location.href, { watch: name }));
  },
  onRecording(name) {
    playRecording(name);
    const url = withAsked(location.href, { recording: name });
    history.replaceState(null, "", url);
  },
  onLook: refreshRecordings,
});

void followSessions(
  {
    onSessions(next) {
      sessions = next;
      known = true;
      offline = refused = false;
      players.update(next);
      updatePicker();
      update();
    },
    onClosed(id, reason) {
      players.closed(id, reason);
      setTimeout(refreshRecordings, RECORDED_MS);
    },
    onRecordings() {
      hasRecordings = true;
      refreshRecordings();
    },
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

function playRecording(name: string): void {
  players.stop();
  pause.release();
  recordings.play(name);
}

function refreshRecordings(): void {
  if (hasRecordings) void recordings.refresh();
}

/** What comes is seen from where it is seen best. */
function lookAnew(): void {
  scene.navigation.moved = false;
  picks.clear();
}

function updatePicker(): void {
  const { playback } = recordings;
  picker.update(
    { sessions, recordings: recordings.list },
    playback === undefined
      ? { session: players.current }
      : { recording: playback.name },
  );
}

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
    recording: recordings.playback?.state,
    paused: pause.isPaused,
    mediaOnly: live.length > 0 &&
      live.every((player) => player.isMediaOnly(now)),
    byHttp: live.some(({ isByHttp }) => isByHttp),
    watchers: sessionOf(list[0])?.watchers,
    group: players.isGroup
      ? { live: live.length, leftOut: leftOut() }
      : undefined,
  });
  video.note = recordings.playback?.note ??
    whyNoPictures(live, { video, decodable, sessionOf });
  pause.write();
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

setUpViewTools({ scene, color, picks, video, pause, recordings });
new ResizeObserver(updateInsets).observe(byId("bottom", HTMLElement));
new ResizeObserver(updateInsets).observe(byId("top", HTMLElement));
video.onResize = updateInsets;
void setUpStartCommand(location, watchFetch);
setUpPublishing(authorizedFetch(tokens, "publish"));
updateInsets();
if (asked.recording !== undefined) playRecording(asked.recording);
update();
setInterval(update, UPDATE_MS);
