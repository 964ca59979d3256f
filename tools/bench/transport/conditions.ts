/** The conditions of the transport bench, and the goals to reach. */

export const KINDS = [
  "ours",
  /** The same, and it may call the system's libraries. */
  "ours-libraries",
  /** werift as it is published. */
  "stock",
  "aiortc",
  "libdatachannel",
  "pion",
  "str0m",
  "chromium",
] as const;
export type Kind = typeof KINDS[number];

/** One association: who sends to whom. */
export interface FlowSpec {
  from: Kind;
  to: Kind;
}

/** Flows that run at the same time, and are one row. */
export interface Entry {
  name: string;
  flows: FlowSpec[];
}

export interface Condition {
  id: string;
  title: string;
  /** Round trip of an empty path, where the start is shown in such. */
  roundTripMs?: number;
  /** Options of the relay; straight without. */
  relay?: string[];
  /** Seconds that are measured where they aren't the common ones. */
  seconds?: number;
  entries: Entry[];
  /** The goals of the medians. */
  targets: Target[];
}

/** A goal of an entry's medians. */
export interface Target {
  text: string;
  /** Returns the figure to show, and whether it is enough. */
  judge(results: Medians): { figure: string; reached: boolean } | undefined;
}

/** Medians of an entry, by the entry's name. */
export type Medians = Record<string, EntryMedians | undefined>;

export interface EntryMedians {
  /** MB/s of user data that came, all flows together. */
  rate: number;
  /** Percent of it of each flow, after the first three seconds. */
  shares: number[];
  /** Percent of packets that the bottleneck's queue dropped. */
  queueDropped: number;
  /** Milliseconds from the opening until each of the marks had come. */
  marksMs?: number[];
}

const self = (kind: Kind): Entry => ({
  name: kind,
  flows: [{ from: kind, to: kind }],
});

function times(factor: number, of: string, entry = "ours"): Target {
  return {
    text: `${entry === "ours" ? "" : `${entry}: `}${factor} x ${of}`,
    judge(results) {
      const [mine, other] = [results[entry]?.rate, results[of]?.rate];
      if (mine === undefined || other === undefined || other === 0) return;
      const ratio = mine / other;
      return { figure: `${ratio.toFixed(1)} x`, reached: ratio >= factor };
    },
  };
}

const OWN: readonly Kind[] = ["ours", "ours-libraries"];

/** Ours, and ours with libraries, are faster than every other peer's own. */
function aheadOfAll(): Target {
  return {
    text: "ahead of every peer",
    judge(results) {
      const rates = (kinds: readonly Kind[]) =>
        kinds.flatMap((kind) => results[kind]?.rate ?? []);
      const mine = rates(OWN);
      const others = rates(PEERS.filter((kind) => !OWN.includes(kind)));
      if (mine.length === 0 || others.length === 0) return;
      const ratio = Math.min(...mine) / Math.max(...others);
      return { figure: `${ratio.toFixed(1)} x`, reached: ratio > 1 };
    },
  };
}

/** Figures of one entry that have to lie in a range. */
function within(
  text: string,
  { entry, figures, range: [least, most] }: {
    entry: string;
    figures(medians: EntryMedians): number[];
    range: [number, number];
  },
): Target {
  return {
    text,
    judge(results) {
      const medians = results[entry];
      if (medians === undefined) return;
      const all = figures(medians);
      return {
        figure: all.map((figure) => `${figure.toFixed(1)} %`).join(", "),
        reached: all.every((figure) => figure >= least && figure <= most),
      };
    },
  };
}

function firstMegabyteWithin(
  most: number,
  roundTripMs: number,
  entry: string,
): Target {
  return {
    text: `1 MB in ${most} RTT, ${entry}`,
    judge(results) {
      const ms = results[entry]?.marksMs?.[1];
      if (ms === undefined) return;
      const figure = ms / roundTripMs;
      return { figure: figure.toFixed(1), reached: figure <= most };
    },
  };
}

/** Each with itself. */
const PEERS: readonly Kind[] = [
  ...["ours", "ours-libraries", "stock", "aiortc"] as const,
  ...["libdatachannel", "pion", "str0m"] as const,
];

/** Whom else ours sends to. */
const RECEIVERS: readonly Kind[] = [
  ...["aiortc", "libdatachannel", "pion", "str0m", "chromium"] as const,
];

const RATE_20 = ["--rate", "20", "--queue", "50", "--delay", "20"];
/** The same rate in MB/s. */
const RATE_20_MB = 2.5;

export const CONDITIONS: Condition[] = [
  {
    id: "loopback",
    title: "loopback",
    entries: PEERS.map(self),
    targets: [aheadOfAll(), times(1.3, "aiortc"), times(2, "stock")],
  },
  {
    id: "rtt50",
    title: "RTT 50 ms",
    relay: ["--delay", "25"],
    roundTripMs: 50,
    entries: PEERS.map(self),
    targets: [aheadOfAll(), times(1.5, "aiortc"), times(6, "stock")],
  },
  {
    id: "rtt50-loss1",
    title: "RTT 50 ms, 1 % loss",
    relay: ["--delay", "25", "--loss", "1"],
    roundTripMs: 50,
    entries: [
      ...PEERS.map(self),
      ...RECEIVERS.map((kind) => ({
        name: `ours to ${kind}`,
        flows: [{ from: "ours" as const, to: kind }],
      })),
    ],
    targets: [
      aheadOfAll(),
      times(2, "libdatachannel"),
      times(3, "aiortc"),
      times(2, "libdatachannel", "ours to aiortc"),
      times(2, "libdatachannel", "ours to libdatachannel"),
      times(2, "libdatachannel", "ours to chromium"),
    ],
  },
  {
    id: "start",
    title: "the start, RTT 100 ms",
    relay: ["--delay", "50"],
    roundTripMs: 100,
    seconds: 2,
    entries: [
      ...PEERS.map(self),
      {
        name: "ours to libdatachannel",
        flows: [{ from: "ours", to: "libdatachannel" }],
      },
    ],
    targets: [
      firstMegabyteWithin(5, 100, "ours"),
      firstMegabyteWithin(5, 100, "ours to libdatachannel"),
    ],
  },
  {
    id: "rtt150-loss3",
    title: "RTT 150 ms, 3 % loss",
    relay: ["--delay", "75", "--loss", "3"],
    roundTripMs: 150,
    entries: PEERS.map(self),
    targets: [aheadOfAll(), times(3, "libdatachannel")],
  },
  {
    id: "rate20",
    title: "20 Mbit/s, queue 50 ms, RTT 40 ms",
    relay: RATE_20,
    entries: PEERS.map(self),
    targets: [
      within("85 % of the rate", {
        entry: "ours",
        figures: ({ rate }) => [100 * rate / RATE_20_MB],
        range: [85, 100],
      }),
      within("under 2 % lost in the queue", {
        entry: "ours",
        figures: ({ queueDropped }) => [queueDropped],
        range: [0, 2],
      }),
    ],
  },
  {
    id: "rate20-two",
    title: "the same, two flows",
    relay: RATE_20,
    seconds: 15,
    entries: [
      {
        name: "ours, ours",
        flows: [{ from: "ours", to: "ours" }, { from: "ours", to: "ours" }],
      },
      {
        name: "ours, aiortc",
        flows: [{ from: "ours", to: "ours" }, { from: "aiortc", to: "aiortc" }],
      },
    ],
    targets: [
      within("each has 30 to 70 %", {
        entry: "ours, ours",
        figures: ({ shares }) => shares,
        range: [30, 70],
      }),
      within("aiortc keeps 25 %", {
        entry: "ours, aiortc",
        figures: ({ shares }) => [shares[1]],
        range: [25, 100],
      }),
    ],
  },
];
