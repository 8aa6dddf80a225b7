import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diskFiles } from "./files.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "api-source-files-"));
});
afterEach(() => rm(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

describe("files", () => {
  it("that do not exist are read as null", async () => {
    expect(await diskFiles.read(inFolder("none"))).toBeNull();
  });

  it("are replaced as a whole, for their owner only, and leave nothing beside them", async () => {
    await writeFile(inFolder("a"), "a longer text than the next one", { mode: 0o644 });
    await diskFiles.replace(inFolder("a"), "short");
    expect(await diskFiles.read(inFolder("a"))).toBe("short");
    expect((await stat(inFolder("a"))).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["a"]);
  });

  it("that cannot be replaced stay, and nothing is left beside them", async () => {
    await mkdir(inFolder("a/b"), { recursive: true });
    await expect(diskFiles.replace(inFolder("a"), "text")).rejects.toThrow();
    await expect(diskFiles.replace(inFolder("none/a"), "text")).rejects.toThrow("ENOENT");
    expect(await readdir(folder)).toEqual(["a"]);
  });
});

describe("a lock", () => {
  const take = () => diskFiles.takeLock(inFolder("lock"));

  it("goes to one of many who try at once, again and again, and leaves nothing behind", async () => {
    for (let round = 0; round < 20; round += 1) {
      const locks = await Promise.all(Array.from({ length: 8 }, take));
      const ours = locks.filter(({ isOurs }) => isOurs);
      expect(ours).toHaveLength(1);
      await ours[0]?.end();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it("that is ended twice, late, does not end what somebody else holds", async () => {
    const first = await take();
    const [seen, seenToo] = [await take(), await take()];
    await seen.end();
    const second = await take();
    await seenToo.end();
    await first.end();
    expect([first.isOurs, seen.isOurs, second.isOurs, (await take()).isOurs]).toEqual([true, false, true, false]);
    await second.end();
    expect((await take()).isOurs).toBe(true);
  });

  it("has another version once it was renewed, and for another holder; none while nothing happens", async () => {
    const first = await take();
    const versions = [(await take()).version, (await take()).version];
    expect(new Set(versions).size).toBe(1);
    // File systems tell times apart by their own steps.
    await expect
      .poll(async () => {
        await first.renew();
        return (await take()).version;
      })
      .not.toBe(versions[0]);
    await first.end();
    const second = await take();
    expect(versions).not.toContain(second.version);
    await first.renew();
    await second.end();
  });

  it("that is a folder without a holder is free: its holder died while ending it", async () => {
    await mkdir(inFolder("lock"));
    expect((await take()).isOurs).toBe(true);
  });

  it("that is a plain file is held, and ended like any other", async () => {
    await writeFile(inFolder("lock"), "");
    const [seen, seenToo] = [await take(), await take()];
    expect(seen).toMatchObject({ isOurs: false, version: seenToo.version });
    await seen.end();
    const ours = await take();
    await seenToo.end();
    expect([ours.isOurs, (await take()).isOurs]).toEqual([true, false]);
  });

  it("cannot be where there is no folder", async () => {
    await expect(diskFiles.takeLock(inFolder("none/lock"))).rejects.toThrow("ENOENT");
  });

  it("holds among processes", async () => {
    const script = fileURLToPath(new URL("./__fixtures__/count-process.ts", import.meta.url));
    await writeFile(inFolder("count"), "0");
    const words = ["--conditions=@acme/source", script, inFolder("count"), "25"];
    await Promise.all(Array.from({ length: 3 }, () => promisify(execFile)(process.execPath, words)));
    expect(await readFile(inFolder("count"), "utf8")).toBe("75");
    expect(await readdir(folder)).toEqual(["count"]);
  });
});
