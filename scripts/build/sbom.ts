/** The software bill of materials, as CycloneDX 1.6 has it: cyclonedx.org/docs/1.6/json. */
import { Contrib, Enums, Models, Serialize, Spec } from "@cyclonedx/cyclonedx-library";
import type { Part } from "./embedded.ts";

/** What the bill is about. */
export interface Product {
  readonly version: string;
  /** SPDX identifier. */
  readonly licence: string;
  /** Git's short name, or `unknown`. */
  readonly commit: string;
  readonly target: string;
  /** SHA-256 of the runtime base that `DENORT_BIN` named, hexadecimal; null if Deno found its own. */
  readonly runtimeBase: string | null;
  /** Unix time, seconds. */
  readonly seconds: number;
}

const licences = new Contrib.License.Factories.LicenseFactory((text) => {
  if (!/ (AND|OR|WITH) /.test(text)) throw new RangeError(`${text} is no expression`);
});
const KINDS = { library: Enums.ComponentType.Library, platform: Enums.ComponentType.Platform };

/** Writes the bill as JSON with a line end. The same input gives the same text, so it has no serial number. */
export function renderSbom(product: Product, parts: readonly Part[]): string {
  const known = new Map(parts.map((part) => [part.purl, describe(part)]));
  const references = (purls: readonly string[]) => purls.map((purl) => known.get(purl)!.bomRef);
  for (const { purl, needs } of parts) {
    for (const needed of references(needs)) known.get(purl)!.dependencies.add(needed);
  }
  const { version, licence, commit, target, runtimeBase, seconds } = product;
  const purl = `pkg:generic/ch-sync@${version}`;
  const properties = { commit, target, ...runtimeBase === null ? {} : { "DENORT_BIN:SHA-256": runtimeBase } };
  const root = new Models.Component(Enums.ComponentType.Application, "ch-sync", {
    bomRef: purl,
    purl,
    version,
    licenses: new Models.LicenseRepository([licences.makeFromString(licence)]),
    properties: new Models.PropertyRepository(
      Object.entries(properties).map(([name, value]) => new Models.Property(`ch-sync:${name}`, value)),
    ),
    dependencies: new Models.BomRefRepository(
      references(parts.filter(({ direct }) => direct).map(({ purl }) => purl)),
    ),
  });
  const bill = new Models.Bom({
    metadata: new Models.Metadata({
      timestamp: new Date(seconds * 1000),
      lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build]),
      component: root,
    }),
    components: new Models.ComponentRepository(known.values()),
  });
  const normalizer = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6).makeForBom();
  // What ch-sync embeds is all here; what the runtime consists of is not. The library does not know compositions.
  const opaque = parts.filter(({ inside }) => inside !== null).map(({ purl }) => purl).sort();
  const compositions = [
    { aggregate: "complete", dependencies: [purl] },
    { aggregate: "incomplete", dependencies: opaque },
  ];
  return `${JSON.stringify({ ...normalizer.normalize(bill, { sortLists: true }), compositions }, null, 2)}\n`;
}

function describe({ purl, kind, name, version, licence, sha512, inside }: Part): Models.Component {
  const [bare = name, group] = name.split("/").reverse();
  const more = inside === null ? [] : [
    new Models.ExternalReference(inside, Enums.ExternalReferenceType.Other, {
      comment: "what it consists of",
    }),
  ];
  return new Models.Component(KINDS[kind], bare, {
    bomRef: purl,
    purl,
    ...group === undefined ? {} : { group },
    version,
    scope: Enums.ComponentScope.Required,
    licenses: new Models.LicenseRepository([licences.makeFromString(licence)]),
    hashes: new Models.HashDictionary(sha512 === null ? [] : [[Enums.HashAlgorithm["SHA-512"], sha512]]),
    externalReferences: new Models.ExternalReferenceRepository(more),
  });
}
