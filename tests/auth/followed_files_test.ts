import { assertEquals, assertRejects } from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import { checkIdentity } from "../../lib/auth/certificate.ts";
import { CredentialsError } from "../../lib/auth/errors.ts";
import { parseKeyFile } from "../../lib/auth/jwt_key.ts";
import { parseTokenFile } from "../../lib/auth/token_file.ts";
import { followFiles, readFiles } from "../../lib/auth/followed_files.ts";
import { makeIdentity } from "./certificates.ts";
import { temporaryFolder, testWith } from "../support.ts";

testWith([], "readFiles() names the file that it can't read", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/none`;
  const error = await assertRejects(() => readFiles([path]), CredentialsError);
  assertEquals(error.message, `Can't read ${path}: there is no such file`);
});

testWith([], "files with a byte order mark are read", async () => {
  await using folder = await temporaryFolder();
  const write = async (name: string, text: string) => {
    const path = `${folder.path}/${name}`;
    await Deno.writeTextFile(path, `\ufeff${text}`);
    return path;
  };
  const { cert, key, ca } = await makeIdentity();
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const tokens = { tokens: [{ token: "a".repeat(32), rights: ["watch"] }] };
  const texts = await readFiles([
    await write("tokens.json", JSON.stringify(tokens)),
    await write("key.jwk", JSON.stringify(publicKey.export({ format: "jwk" }))),
    await write(
      "key.pem",
      publicKey.export({ type: "spki", format: "pem" }).toString(),
    ),
    ...[await write("cert", cert), await write("key", key)],
    await write("ca", ca),
  ]);
  assertEquals(parseTokenFile(texts[0], "tokens.json").length, 1);
  await parseKeyFile(texts[1], "key.jwk");
  await parseKeyFile(texts[2], "key.pem");
  const files = { cert: "cert", key: "key" };
  // What listens takes the texts as they are.
  assertEquals(checkIdentity({ cert: texts[3], key: texts[4] }, files), {
    cert,
    key,
  });
  assertEquals(texts[5], ca);
});

testWith(
  [],
  "followFiles() tries again what there was no file descriptor for",
  async () => {
    await using folder = await temporaryFolder();
    const path = `${folder.path}/file`;
    await Deno.writeTextFile(path, "new");
    const life = new AbortController();
    const tried: string[] = [];
    const told: unknown[] = [];
    await followFiles([path], ["old"], {
      signal: life.signal,
      intervalMs: 1,
      onChange([text]) {
        if (tried.push(text) < 3) {
          throw new Error("Too many open files (os error 24)");
        }
        life.abort();
      },
      onError(error) {
        told.push(error);
        life.abort();
      },
    });
    assertEquals([tried, told], [["new", "new", "new"], []]);
  },
);

testWith(
  [],
  "followFiles() sees changes, swapped links and what fails",
  async () => {
    await using folder = await temporaryFolder();
    const [a, b, link] = ["a", "b", "link"].map((n) => `${folder.path}/${n}`);
    await Deno.writeTextFile(a, "1");
    await Deno.writeTextFile(b, "2");
    await Deno.symlink(a, link);
    const life = new AbortController();
    let told = Promise.withResolvers<string>();
    const next = async () => {
      const text = await told.promise;
      told = Promise.withResolvers();
      return text;
    };
    const following = followFiles([link], await readFiles([link]), {
      signal: life.signal,
      intervalMs: 5,
      onChange([text]) {
        if (text === "broken") throw new Error("It is broken");
        told.resolve(text);
      },
      onError: (error) => told.resolve(String(error)),
    });
    await Deno.symlink(b, `${link}.new`);
    await Deno.rename(`${link}.new`, link);
    assertEquals(await next(), "2");
    await Deno.writeTextFile(b, "broken");
    assertEquals(await next(), "Error: It is broken");
    await Deno.remove(b);
    assertEquals(
      await next(),
      `CredentialsError: Can't read ${link}: there is no such file`,
    );
    await Deno.writeTextFile(b, "3");
    assertEquals(await next(), "3");
    life.abort();
    await following;
  },
);
