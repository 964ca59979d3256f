/** Requests as no client of ours makes them, byte for byte. */
import fc from "fast-check";
import { Buffer } from "node:buffer";

/** A request before it is written; `letters` of Latin-1 stand for bytes. */
export interface RequestModel {
  method: string;
  path: string;
  version: string;
  headers: [name: string, value: string][];
  body: string;
  lineEnd: string;
}

/** What objects have from their prototype: no table may find it. */
const INHERITED = [
  ...["constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf"],
  ...[
    "__proto__",
    "__defineGetter__",
    "toLocaleString",
    "propertyIsEnumerable",
  ],
];

const METHODS = [
  ...["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"],
  ...["TRACE", "CONNECT", "PRI", "PROPFIND", "get", "Post", "delete", "M"],
  ...["!#$%&'*+-.^_`|~", "G ET", "GET\t", "", "GÉT", "GET\0", "1", "-"],
];

const PATHS = [
  ...["/", "/offer", "/whip", "/whep/x", "/sessions", "/sessions/x", "/events"],
  ...["/recordings", "/recordings/x.mcap"],
  ...["/healthz", "/readyz", "/metrics", "/addresses", "/main.js", "/nothing"],
  ...["/whip/x", "/whep/x/y", "/sessions/__proto__", "/constructor", "*", ""],
  ...["http://localhost/offer", "http://[::1", "//example.org/", "localhost:1"],
];

/** What is put into a path or behind it. */
const PATH_PARTS = [
  ...["/../", "/./", "/..%2f", "%2e%2e/", "\\..\\", "%00", "\0", "%", "%zz"],
  ...["%u0041", "%c0%af", "%ff", "?", "?a=b&a=b", "#", ";a=b", "//", " ", "+"],
  ...["%0d%0aSet-Cookie:%20a=b", "\xff\xfe", "\x1b[31m", "%1b[31m", ":id", "*"],
  ...["é", "%F0%9F%92%A9", "__proto__", "%E2%80%AE", "{}", "[", "|", '"', "<"],
];

/** By name, values beside the long and the odd ones. */
const HEADERS: Record<string, string[]> = {
  "host": ["localhost", "example.org", "127.0.0.1:1", "a b", "[::1", "@", ""],
  "origin": ["null", "https://example.org", "app://x", "https://a b", "*", ""],
  "sec-fetch-site": ["cross-site", "same-origin", "none", "x, cross-site", ""],
  "sec-fetch-mode": ["cors", "navigate", "no-cors", "websocket"],
  "sec-fetch-dest": ["empty", "document", "script"],
  "content-type": [
    ...["application/json", "application/sdp", "text/plain", "APPLICATION/SDP"],
    ...["application/json; charset=utf-16", "application/sdp,text/plain", "/"],
    ...["multipart/form-data; boundary=", ";", "application/json;;=;"],
  ],
  "content-length": [
    ...["0", "1", "99999999999999999999", "-1", "+3", "1e3", "0x10", " 3 ", ""],
    ...["3, 3", "3, 4", "1048577", "NaN", "4294967296"],
  ],
  "transfer-encoding": [
    "chunked",
    "gzip, chunked",
    "identity",
    "x",
    "chunked,",
  ],
  "connection": ["close", "keep-alive", "upgrade", "close, x", "host"],
  "upgrade": ["websocket", "h2c", "x/1"],
  "expect": ["100-continue", "x"],
  "forwarded": [
    ...["for=192.0.2.1", 'for="[2001:db8::1]:5"', "for=_x;by=y", "for=", ";;"],
    ...['for="', "for=unknown, for=1.2.3.4", "FOR=1.2.3.4;for=5.6.7.8"],
  ],
  "x-forwarded-for": ["1.2.3.4", "1.2.3.4, ::1", "x", ",", "999.1.1.1", "[::"],
  "authorization": [
    ...[
      "Bearer s3cret",
      "bearer  s3cret ",
      "Bearer",
      "Basic Og==",
      "Bearer a.b.c",
    ],
    ...[
      "Bearer e30.e30.e30",
      "Bearer \xff",
      "Digest x=y",
      "Bearer s3cret, x",
      "",
    ],
    "Bearer eyJhbGciOiJub25lIn0.eyJvcGVyYXRlIjoiYWxsIn0.",
  ],
  "accept": ["text/event-stream", "*/*", "application/json;q=NaN"],
  "accept-encoding": ["gzip", "zstd;q=2", "*"],
  "access-control-request-method": ["POST", "constructor"],
  "if-match": ['"x"', "*"],
  "if-none-match": ['"x"', "*", "W/"],
  "range": ["bytes=0-", "bytes=9-1", "x"],
  "last-event-id": ["1", "\x80"],
  "traceparent": [
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "x",
  ],
  "cookie": ["a=b"],
  "x-http-method-override": ["DELETE"],
};

const BODIES = [
  ...["", "{}", "[]", "null", '{"type":"offer","sdp":"v=0"}', '"x"', "v=0\r\n"],
  ...['{"__proto__":{"type":"offer","sdp":"v=0"}}', '{"sdp":1,"type":"offer"}'],
  ...[
    '{"type":"constructor","sdp":"v=0"}',
    "\xff\xfe",
    "0\r\n\r\n",
    "{".repeat(999),
  ],
];

/** Larger requests would only take longer. */
const MAX_BYTES = 1024 * 1024;

const LONG = [200, 4_000, 20_000, 70_000];

/** Text of any letters that is long now and then. */
const text = (some: readonly string[]) =>
  fc.oneof(
    { arbitrary: fc.constantFrom(...some), weight: 8 },
    { arbitrary: fc.constantFrom(...INHERITED), weight: 1 },
    {
      arbitrary: fc.string({ unit: "binary-ascii", maxLength: 12 }),
      weight: 1,
    },
    {
      arbitrary: fc.tuple(
        fc.constantFrom(...some, "x"),
        fc.constantFrom(...LONG),
      ).map(([part, letters]) =>
        (part || "x").repeat(Math.ceil(letters / (part.length || 1)))
      ),
      weight: 1,
    },
  );

const anyMethod = fc.oneof(
  { arbitrary: fc.constantFrom("GET", "POST", "DELETE"), weight: 4 },
  { arbitrary: text(METHODS), weight: 3 },
  { arbitrary: fc.constantFrom(...INHERITED), weight: 1 },
);

const anyPath = fc.tuple(
  fc.oneof(
    { arbitrary: fc.constantFrom(...PATHS), weight: 6 },
    { arbitrary: text(PATHS), weight: 1 },
  ),
  fc.array(text(PATH_PARTS), { maxLength: 2 }),
).map(([path, parts]) => path + parts.join(""));

const anyHeader: fc.Arbitrary<[string, string]> = fc.oneof(
  ...Object.entries(HEADERS).map(([name, values]) =>
    fc.tuple(fc.constantFrom(name, name, name.toUpperCase()), text(values))
  ),
  fc.tuple(text(["x", "x y", "x:", "", "\0", "x\x80"]), text(["y", "\r\n z"])),
);

/** Any request; most are sound but for a few things. */
export const anyRequest: fc.Arbitrary<RequestModel> = fc.record({
  method: anyMethod,
  path: anyPath,
  version: fc.oneof(
    { arbitrary: fc.constant("HTTP/1.1"), weight: 9 },
    fc.constantFrom("HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "http/1.1", "", "X"),
  ),
  headers: fc.array(anyHeader, { maxLength: 6 }).chain((headers) =>
    // Now and then one comes many times.
    fc.constantFrom(1, 1, 1, 1, 1, 1, 2, 150).map((times) => [
      ...headers,
      ...Array(times - 1).fill(headers[0]).filter(Boolean),
    ])
  ),
  body: text(BODIES),
  lineEnd: fc.oneof(
    { arbitrary: fc.constant("\r\n"), weight: 19 },
    fc.constantFrom("\n", "\r", "\n\r", "\r\r\n", "\0\r\n"),
  ),
});

/** Writes a request as it goes over the wire. */
export function writeRequest(model: RequestModel): Uint8Array<ArrayBuffer> {
  const { method, path, version, headers, body, lineEnd } = model;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  // What is not tried is right.
  const more = [
    ...names.has("host") ? [] : ["host: localhost"],
    ...names.has("content-length") || names.has("transfer-encoding")
      ? []
      : [`content-length: ${body.length}`],
  ];
  const lines = [
    `${method} ${path} ${version}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...more,
    "",
    body,
  ];
  const letters = lines.join(lineEnd).slice(0, MAX_BYTES);
  return Uint8Array.from(Buffer.from(letters, "latin1"));
}
