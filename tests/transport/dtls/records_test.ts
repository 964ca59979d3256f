import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import {
  DtlsRecords,
  RECORD_OVERHEAD_BYTES,
} from "../../../lib/transport/dtls/records.ts";

/** The keys of one side; the other's are the reverse. */
function connection(side: "client" | "server", algorithm = "aes-128-gcm") {
  const [write, read] = side === "client" ? [1, 2] : [2, 1];
  const keys = {
    algorithm,
    writeKey: Buffer.alloc(16, write),
    readKey: Buffer.alloc(16, read),
    writeNonce: Buffer.alloc(12, 2 + write),
    readNonce: Buffer.alloc(12, 2 + read),
  };
  return { keys, epoch: 1, recordNumber: 41 };
}

function open(records: DtlsRecords, datagram: Uint8Array) {
  const contents: number[][] = [];
  const isOurs = records.open(datagram, (each) => contents.push([...each]));
  return { isOurs, contents };
}

const client = DtlsRecords.of(connection("client"))!;
const server = DtlsRecords.of(connection("server"))!;

Deno.test("What a DtlsRecords seals, the other side's opens", () => {
  const record = client.seal(Uint8Array.of(1, 2, 3));
  assertEquals(record.length, RECORD_OVERHEAD_BYTES + 3);
  // Type, version, epoch, number, length (RFC 6347 section 4.1).
  assertEquals([...record.subarray(0, 5)], [23, 254, 253, 0, 1]);
  assertEquals(record[10], 42);
  assertEquals(open(server, record), { isOurs: true, contents: [[1, 2, 3]] });
  const back = server.seal(new Uint8Array(16_384));
  assertEquals(open(client, back).contents[0].length, 16_384);
});

Deno.test("DtlsRecords opens all records of a datagram", () => {
  const datagram = Buffer.concat([
    client.seal(Uint8Array.of(1)),
    client.seal(Uint8Array.of(2)),
  ]);
  assertEquals(open(server, datagram).contents, [[1], [2]]);
});

Deno.test("DtlsRecords passes over what was tampered with, whatever the byte", () => {
  const record = client.seal(Uint8Array.of(1, 2, 3));
  for (let at = 13; at < record.length; at++) {
    const copy = record.slice();
    copy[at] ^= 0x10;
    assertEquals(open(server, copy).contents, [], `byte ${at}`);
  }
});

Deno.test("DtlsRecords leaves what isn't application data alone", () => {
  const record = client.seal(Uint8Array.of(1));
  const handshake = record.slice();
  handshake[0] = 22;
  assertEquals(open(server, handshake), { isOurs: false, contents: [] });
  const both = Buffer.concat([record, handshake]);
  assertEquals(open(server, both), { isOurs: false, contents: [] });
  const plain = record.slice();
  plain[4] = 0;
  assertEquals(open(server, plain).isOurs, false);
  assertEquals(open(server, record.subarray(0, 20)).isOurs, false);
});

Deno.test("DtlsRecords never uses a number twice", () => {
  const numbers = new Set<string>();
  for (let i = 0; i < 1000; i++) {
    const record = client.seal(Uint8Array.of(1));
    numbers.add(record.subarray(3, 11).join());
  }
  assertEquals(numbers.size, 1000);
});

Deno.test("DtlsRecords is not made before there are keys it can use", () => {
  assertEquals(DtlsRecords.of(undefined), undefined);
  const early = { ...connection("client"), keys: undefined };
  assertEquals(DtlsRecords.of(early), undefined);
  const other = connection("client", "chacha20-poly1305");
  assertEquals(DtlsRecords.of(other), undefined);
  const socket = connection("client");
  const records = DtlsRecords.of(socket)!;
  assert(records.isOf(socket) && !records.isOf(connection("client")));
});
