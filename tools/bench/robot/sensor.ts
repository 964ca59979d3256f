/** A lidar of this machine: the packets of a Velodyne HDL-32E, as it turns. */
import {
  createPackets,
  MODES,
  SENSORS,
} from "../../../tests/sources/lidar/velodyne/packets.ts";

const SENSOR = SENSORS["HDL-32E"];
/** Columns of a packet, and what one takes, microseconds. */
const PACKET_MICROS = 12 * SENSOR.column;
/** Ten turns a second: hundredths of a degree in a microsecond. */
const RATE = 0.36;
/** Time between two bursts of packets, milliseconds. */
const BURST_MS = 10;
const HOUR_MICROS = 3_600_000_000;

/** Sends its packets to a UDP port of this machine, until it is disposed of. */
export function startSensor(port: number): Disposable {
  const socket = Deno.listenDatagram({
    transport: "udp",
    hostname: "127.0.0.1",
    port: 0,
  });
  const to = { transport: "udp", hostname: "127.0.0.1", port } as const;
  // Its clock is this machine's.
  const startMicros = Date.now() % 3_600_000 * 1000;
  const startedAt = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = (performance.now() - startedAt) * 1000 / PACKET_MICROS;
    const passed = sent * PACKET_MICROS;
    const packets = createPackets(SENSOR, {
      count: Math.floor(due) - sent,
      mode: MODES.strongest,
      azimuth: RATE * passed % 36_000,
      rate: RATE,
      micros: (startMicros + passed) % HOUR_MICROS,
    });
    sent += packets.length;
    for (const packet of packets) void socket.send(packet, to).catch(() => {});
  }, BURST_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.close();
    },
  };
}
