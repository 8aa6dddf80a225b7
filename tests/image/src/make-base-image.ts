import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run, runWell } from "./buildah.ts";

/** What the Dockerfile begins with. */
export const BASE_IMAGE = "docker.io/library/node:24-bookworm-slim";

/**
 * Makes an image under the name of Node's own, where no image registry can be reached: Debian as debootstrap sets it up, with
 * this process's Node and the machine's npm. Left alone when there is one already.
 */
export async function makeBaseImage(): Promise<void> {
  if ((await run("buildah", ["inspect", "--type", "image", BASE_IMAGE])).code === 0) return;
  const folder = await mkdtemp(join(tmpdir(), "sync-base-image-"));
  try {
    await runWell("debootstrap", ["--variant=minbase", "--include=ca-certificates", "bookworm", folder]);
    for (const waste of ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale", "usr/share/man"]) {
      await rm(join(folder, waste), { recursive: true, force: true });
    }
    const npm = dirname(dirname(await runWell("readlink", ["-f", await runWell("which", ["npm"])])));
    await mkdir(join(folder, "usr/local/lib/node_modules"), { recursive: true });
    await cp(process.execPath, join(folder, "usr/local/bin/node"));
    await cp(npm, join(folder, "usr/local/lib/node_modules/npm"), { recursive: true });
    for (const name of ["npm", "npx"]) {
      await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, "usr/local/bin", name));
    }
    await runWell("chroot", [folder, "groupadd", "--gid", "1000", "node"]);
    await runWell("chroot", [folder, "useradd", "--uid", "1000", "--gid", "node", "--create-home", "node"]);

    const container = await runWell("buildah", ["from", "scratch"]);
    await runWell("buildah", ["add", "--quiet", container, folder, "/"]);
    const settings = ["--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "--cmd", "node"];
    // A machine behind a gateway with a certificate of its own reaches package registries only with that.
    const certificates = process.env["NODE_EXTRA_CA_CERTS"];
    if (certificates !== undefined) {
      await runWell("buildah", ["add", "--quiet", container, certificates, "/usr/local/share/machine.crt"]);
      settings.push("--env", "NODE_EXTRA_CA_CERTS=/usr/local/share/machine.crt");
    }
    await runWell("buildah", ["config", ...settings, container]);
    await runWell("buildah", ["commit", "--quiet", "--rm", container, BASE_IMAGE]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
