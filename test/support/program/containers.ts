/** Builds images and runs containers, without a daemon, without a registry, and without a trace outside of a folder. */
import { needsPackage } from "../sites/debian_packages.ts";
import { bareDebian, type Ran, ran } from "./bare_debian.ts";

/** The base of the Dockerfile; here, a bare Debian is given this name. */
export const BASE = "debian:bookworm-slim";

export interface Containers extends AsyncDisposable {
  /** Builds a folder with a Dockerfile. */
  build(folder: string, image: string): Promise<Ran>;
  /** Starts a container that reaches nothing but itself, or runs one until it ends (`--rm`). */
  run(...args: readonly string[]): Promise<Ran>;
  podman(...args: readonly string[]): Promise<Ran>;
}

/**
 * Podman, Buildah and runc of Debian, with images in the folder. In words why there are none where the kernel or its sandbox
 * lets nobody run one.
 */
export async function containersIn(folder: string): Promise<Containers | string> {
  await needsPackage("buildah", "/usr/bin/buildah");
  await needsPackage("podman", "/usr/bin/podman");
  await needsPackage("runc", "/usr/sbin/runc");
  const store = ["--root", `${folder}/images`, "--runroot", `${folder}/run`, "--storage-driver", "overlay"];
  const podman = (...args: readonly string[]) =>
    ran("podman", [...store, "--cgroup-manager=cgroupfs", "--runtime=runc", "--log-level=fatal", ...args]);
  // As slim as Debian's own image of that name.
  const without = ["locale", "man", "doc"].map((name) => `--exclude=./usr/share/${name}/*`).join(" ");
  const base = `tar -C "$0" ${without} -cf - . | podman "$@" import --quiet - docker.io/library/${BASE}`;
  const imported = await ran("sh", ["-c", base, await bareDebian(), ...store]);
  if (imported.code !== 0) return imported.said;
  const containers: Containers = {
    build: (context, image) =>
      ran("buildah", [
        ...store,
        "bud",
        "--isolation=chroot",
        "--pull-never",
        "--format=docker",
        "-t",
        image,
        context,
      ]),
    // Limits below what a test may run under. No timer of systemd: a test asks for the health itself.
    run: (...args) =>
      podman(
        "run",
        "--network=none",
        "--ulimit=nofile=1024:1024",
        "--ulimit=nproc=512:512",
        "--health-interval=disable",
        ...args,
      ),
    podman,
    async [Symbol.asyncDispose]() {
      await podman("rm", "--all", "--force", "--time=0");
      await ran("umount", [`${folder}/images/overlay`]);
    },
  };
  const { code, said } = await containers.run("--rm", `docker.io/library/${BASE}`, "true");
  if (code === 0) return containers;
  await containers[Symbol.asyncDispose]();
  return said;
}
