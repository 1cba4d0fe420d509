/** docs/containers/kubernetes.yaml: what Kubernetes would take, and what must hold of it. It is not run. */
import assert from "node:assert/strict";
import { SETTINGS } from "../../src/config/table/table.ts";
import { kubernetesValidate, readYaml } from "../support/kubernetes_validate.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const MANIFEST = `${ROOT}docs/containers/kubernetes.yaml`;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Manifest {
  readonly Secret: { readonly stringData: Readonly<Record<string, string>> };
  readonly ConfigMap: { readonly data: Readonly<Record<string, string>> };
  readonly Deployment: {
    readonly spec: {
      readonly replicas: number;
      readonly strategy: unknown;
      readonly template: {
        readonly spec: {
          readonly automountServiceAccountToken: boolean;
          readonly securityContext: Readonly<Record<string, unknown>>;
          readonly containers: readonly Container[];
          readonly volumes: readonly Readonly<Record<string, unknown>>[];
        };
      };
    };
  };
}

async function readManifest(): Promise<Manifest> {
  const documents = await readYaml(MANIFEST) as readonly { readonly kind: string }[];
  return Object.fromEntries(documents.map((document) => [document.kind, document])) as unknown as Manifest;
}

for (const version of ["1.25", "1.37"]) {
  Deno.test(`Kubernetes ${version} takes the manifest`, async () => {
    const { code, said } = await kubernetesValidate(MANIFEST, version);
    assert.equal(code, 0, said);
    assert.equal(said.match(/ passed for resource /g)?.length, 4, said);
  });
}

Deno.test("there are never two, and a new one starts when the old one has ended", async () => {
  const { spec } = (await readManifest()).Deployment;
  assert.deepEqual([spec.replicas, spec.strategy], [1, { type: "Recreate" }]);
});

Deno.test("it runs as the image does: not as root, on a root that cannot be written, without rights", async () => {
  const { template } = (await readManifest()).Deployment.spec;
  const [, uid, gid] = /^USER (\d+):(\d+)$/m.exec(await Deno.readTextFile(`${ROOT}Dockerfile`))!;
  const { runAsNonRoot, runAsUser, runAsGroup, fsGroup } = template.spec.securityContext;
  assert.deepEqual([runAsNonRoot, runAsUser, runAsGroup, fsGroup], [
    true,
    Number(uid),
    Number(gid),
    Number(gid),
  ]);
  assert.deepEqual(template.spec.containers[0]!.securityContext, {
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
  });
  assert.equal(template.spec.automountServiceAccountToken, false);
});

Deno.test("probes ask /healthz at the port of the status page", async () => {
  const [container] = (await readManifest()).Deployment.spec.template.spec.containers;
  const { env, ports, startupProbe, livenessProbe, readinessProbe } = container!;
  for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
    assert.deepEqual(httpGet, { path: "/healthz", port: "http" });
  }
  const listen = env.find(({ name }) => name === "STATUS_LISTEN")!.value;
  assert.deepEqual(ports, [{ name: "http", containerPort: Number(listen.replace("0.0.0.0:", "")) }]);
});

Deno.test("it names settings that there are, all that are required, and passwords by files of the Secret", async () => {
  const { Secret, ConfigMap, Deployment } = await readManifest();
  const { containers: [container], volumes } = Deployment.spec.template.spec;
  const given = [...Object.keys(ConfigMap.data), ...container!.env.map(({ name }) => name)];
  const known = new Set<string>(SETTINGS.map(({ name }) => name));
  assert.deepEqual(given.filter((name) => !known.has(name)), []);
  assert.deepEqual(SETTINGS.filter(({ name, required }) => required && !given.includes(name)), []);
  const files = container!.env.filter(({ name }) => name.endsWith("_PASSWORD_FILE")).map(({ value }) =>
    value
  );
  const { mountPath } = container!.volumeMounts.find(({ name }) => name === "secrets")!;
  assert.deepEqual(files.sort(), Object.keys(Secret.stringData).map((key) => `${mountPath}/${key}`).sort());
  assert.ok(!given.some((name) => name.endsWith("PASSWORD")));
  // Others may not read them, which ch-sync would warn of.
  assert.deepEqual(volumes.find(({ name }) => name === "secrets")!.secret, {
    secretName: "ch-sync",
    defaultMode: 0o440,
  });
});

Deno.test("its state lies where the image has its volume, and its image is of this version", async () => {
  const [container] = (await readManifest()).Deployment.spec.template.spec.containers;
  const dockerfile = await Deno.readTextFile(`${ROOT}Dockerfile`);
  const volume = /^VOLUME (\S+)$/m.exec(dockerfile)![1]!;
  assert.equal(container!.volumeMounts.find(({ name }) => name === "state")!.mountPath, volume);
  assert.match(dockerfile, new RegExp(`^ENV STATE_FILE=${volume}/`, "m"));
  // With fsGroup the root of the volume belongs to root, and `pause` gives its file to the owner of the folder.
  const { value } = container!.env.find(({ name }) => name === "STATE_FILE")!;
  assert.match(value, new RegExp(`^${volume}/[^/]+/ch-sync-state\\.json$`));
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  assert.ok(container!.image.endsWith(`/ch-sync:${version}`));
});
