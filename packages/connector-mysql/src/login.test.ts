import { generateKeyPairSync, privateDecrypt } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuthError } from "@acme/sync-core";
import { afterEach, describe, expect, it } from "vitest";
import { mysqlConfig } from "./config.ts";
import { createMysqlSource } from "./source.ts";
import { never, runtime } from "@acme/test-servers";

/**
 * The first packets of a MySQL 8 server, as its protocol is documented: no MySQL server could be had. It offers one login plugin and
 * goes on as `answer` says, once a packet of the client's has come.
 */
async function speak(plugin: string, answer: (packet: Buffer, count: number) => Buffer | null) {
  const received: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const capabilities = 0x00_0f_a2_0d | 0x08_00_00; // protocol 4.1, secure connection, plugin auth, no TLS
    const scramble = Buffer.from(SCRAMBLE);
    const low = Buffer.alloc(2);
    low.writeUInt16LE(capabilities & 0xff_ff & ~0x08_00);
    const high = Buffer.alloc(2);
    high.writeUInt16LE(capabilities >>> 16);
    const greeting = Buffer.concat([
      Buffer.from([10]),
      Buffer.from("8.4.0\0"),
      Buffer.from([7, 0, 0, 0]),
      scramble.subarray(0, 8),
      Buffer.from([0]),
      low,
      Buffer.from([255, 2, 0]),
      high,
      Buffer.from([21]),
      Buffer.alloc(10),
      scramble.subarray(8),
      Buffer.from([0]),
      Buffer.from(`${plugin}\0`),
    ]);
    const send = (body: Buffer, sequence: number): void => {
      const head = Buffer.alloc(4);
      head.writeUIntLE(body.length, 0, 3);
      head[3] = sequence;
      socket.write(Buffer.concat([head, body]));
    };
    send(greeting, 0);
    socket.on("data", (data) => {
      received.push(data);
      const reply = answer(data, received.length);
      if (reply !== null) send(reply, (data[3] ?? 0) + 1);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  stop = async () => {
    stop = async () => undefined;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: address !== null && typeof address === "object" ? address.port : 0, received };
}

let stop: () => Promise<void> = async () => undefined;

afterEach(() => stop());

const PASSWORD = "hunter2-of-nobody";
const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAMZ0pzhwYlnNmVcfLMFwwkpUO7kZn8vF
QY8vLQ1lJ5bCmP0fCZ7VXcXz0jTnqkXH9b3GqWnP4sPRk0s1Xl5pXxMCAwEAAQ==
-----END PUBLIC KEY-----`;

const check = (port: number, rest: Record<string, unknown> = {}): Promise<unknown> => {
  const config = mysqlConfig.parse({
    host: "127.0.0.1",
    port,
    database: "d",
    user: "u",
    password: PASSWORD,
    connectTimeoutMs: 3000,
    ...rest,
  });
  return createMysqlSource(config, runtime).check(never);
};

const SCRAMBLE = "abcdefghijklmnopqrst";
const switchTo = (plugin: string): Buffer =>
  Buffer.concat([Buffer.from([254]), Buffer.from(`${plugin}\0${SCRAMBLE}\0`)]);
const FULL_LOGIN = Buffer.from([1, 4]);

describe("logging in with caching_sha2_password without TLS", () => {
  it("does not take a public key from whoever answers", async () => {
    const answers = [
      switchTo("caching_sha2_password"),
      FULL_LOGIN,
      Buffer.concat([Buffer.from([1]), Buffer.from(PUBLIC_KEY)]),
    ];
    const fake = await speak("caching_sha2_password", (_packet, count) => answers[count - 1] ?? null);
    const attempt = check(fake.port);
    await expect(attempt).rejects.toBeInstanceOf(AuthError);
    await expect(attempt).rejects.toThrow("logs in with a public key, and the connection is not encrypted");
    await expect(attempt).rejects.toMatchObject({ hint: expect.stringContaining("allowPublicKeyRetrieval") });
    // The greeting answered, a token, the key asked for: nothing with the password in it.
    expect(fake.received).toHaveLength(3);
    expect(Buffer.concat(fake.received).toString("latin1")).not.toContain(PASSWORD);
  });

  it("sends the password encrypted where the key is allowed to be fetched, or lies in a file", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const folder = await mkdtemp(join(tmpdir(), "mysql-login-"));
    const file = join(folder, "key.pem");
    await writeFile(file, pem);
    try {
      for (const rest of [{ allowPublicKeyRetrieval: true }, { serverPublicKey: file }]) {
        const key = Buffer.concat([Buffer.from([1]), Buffer.from(pem)]);
        const asksFor = "serverPublicKey" in rest ? [] : [key];
        const answers = [switchTo("caching_sha2_password"), FULL_LOGIN, ...asksFor];
        const fake = await speak("caching_sha2_password", (_packet, count) => answers[count - 1] ?? null);
        await expect(check(fake.port, { ...rest, connectTimeoutMs: 700 })).rejects.toThrow();
        const sent = fake.received.at(-1)?.subarray(4) ?? Buffer.alloc(0);
        const opened = privateDecrypt({ key: privateKey, oaepHash: "sha1" }, sent);
        const password = Buffer.from(opened.map((byte, index) => byte ^ SCRAMBLE.charCodeAt(index % 20)));
        expect(password.toString()).toBe(`${PASSWORD}\0`);
        await stop();
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("never sends a password as it is", async () => {
    const fake = await speak("mysql_clear_password", () => null);
    const attempt = check(fake.port, { connectTimeoutMs: 500 });
    await expect(attempt).rejects.toThrow();
    expect(Buffer.concat(fake.received).toString("latin1")).not.toContain(PASSWORD);
  });

  it("names a plugin that is not supported", async () => {
    const fake = await speak("caching_sha2_password", (_packet, count) =>
      count === 1 ? Buffer.concat([Buffer.from([254]), Buffer.from("authentication_ldap_sasl_client\0x\0")]) : null,
    );
    const attempt = check(fake.port);
    await expect(attempt).rejects.toBeInstanceOf(AuthError);
    await expect(attempt).rejects.toThrow("authentication_ldap_sasl_client, which is not supported");
  });
});
