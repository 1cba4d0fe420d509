/** Kubernetes' own schemas, held against manifests by kubernetes-validate, which pip brings once and keeps in the cache. */
import { homedir } from "node:os";
import { type Ran, ran } from "./program/bare_debian.ts";
import { needsPackage } from "./sites/debian_packages.ts";

const PINNED = [
  "kubernetes-validate==1.37.0",
  "PyYAML==6.0.4",
  "attrs==26.1.0",
  "importlib_resources==7.1.0",
  "jsonschema==4.26.0",
  "jsonschema-specifications==2025.9.1",
  "packaging==26.4",
  "referencing==0.37.0",
  "rpds-py==2026.9.1",
  "typing_extensions==4.16.0",
];

/** Whether Kubernetes of that version takes a manifest, and no field of it is unknown. @throws where pip brings nothing */
export async function kubernetesValidate(path: string, version: string): Promise<Ran> {
  return await python(["-m", "kubernetes_validate", "--strict", "-k", version, path]);
}

/** The documents of a file in YAML. */
export async function readYaml(path: string): Promise<readonly unknown[]> {
  const program = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))";
  const { code, said } = await python(["-c", program, path]);
  if (code !== 0) throw new Error(said);
  return JSON.parse(said);
}

async function python(args: readonly string[]): Promise<Ran> {
  const env = { PYTHONPATH: await packages(), PYTHONDONTWRITEBYTECODE: "1" };
  return await ran("/usr/bin/python3", args, { env });
}

async function packages(): Promise<string> {
  await needsPackage("python3", "/usr/bin/python3");
  await needsPackage("python3-pip", "/usr/bin/pip3");
  const cache = `${Deno.env.get("XDG_CACHE_HOME") || `${homedir()}/.cache`}/ch-sync-kubernetes-validate`;
  const folder = `${cache}/${PINNED[0]}`;
  await Deno.mkdir(cache, { recursive: true });
  using lock = await Deno.open(`${cache}/lock`, { create: true, write: true });
  await lock.lock(true);
  if (await Deno.stat(folder).then(() => true, () => false)) return folder;
  const incoming = `${folder}.incoming`;
  await Deno.remove(incoming, { recursive: true }).catch(() => {});
  const options = ["--quiet", "--no-deps", "--no-cache-dir", "--no-compile", "--only-binary=:all:"];
  const { code, said } = await ran("/usr/bin/python3", [
    "-m",
    "pip",
    "install",
    ...options,
    "--disable-pip-version-check",
    `--target=${incoming}`,
    ...PINNED,
  ]);
  if (code !== 0) {
    throw new Error(
      `The schemas of Kubernetes cannot be had here, so the manifest was not held against them: ${said}`,
    );
  }
  await Deno.rename(incoming, folder);
  return folder;
}
