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
 * Podman, Buildah and runc of Debian, with images in the folder.
 *
 * @throws with what podman says, where containers cannot be had: it must be root, or have subordinate user ids
 */
export async function containersIn(folder: string): Promise<Containers> {
  await needsPackage("buildah", "/usr/bin/buildah");
  await needsPackage("podman", "/usr/bin/podman");
  await needsPackage("runc", "/usr/sbin/runc");
  const store = ["--root", `${folder}/images`, "--runroot", `${folder}/run`, "--storage-driver", "overlay"];
  const podman = (...args: readonly string[]) =>
    ran("podman", [...store, "--cgroup-manager=cgroupfs", "--runtime=runc", "--log-level=fatal", ...args]);
  const base = `tar -C "$0" -cf - . | podman "$@" import --quiet - docker.io/library/${BASE}`;
  const imported = await ran("sh", ["-c", base, await bareDebian(), ...store]);
  if (imported.code !== 0) throw new Error(`No container can be had here: ${imported.said}`);
  return {
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
}
