/** The software bill of materials, as CycloneDX 1.6 has it: cyclonedx.org/docs/1.6/json. */
import type { Component } from "./components.ts";

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

/**
 * Writes the bill. The same input gives the same text, with a serial number that is made from the content.
 *
 * @returns JSON with a line end
 */
export async function renderSbom(product: Product, components: readonly Component[]): Promise<string> {
  const content = describe(product, components);
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const bill = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialNumber(hash),
    version: 1,
    ...content,
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

/** A UUID of version 8 (RFC 9562): made from a hash in a way of one's own. */
function serialNumber(hash: string): string {
  const digits = `${hash.slice(0, 12)}8${hash.slice(13, 16)}8${hash.slice(17, 32)}`;
  return `urn:uuid:${digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
}

function describe(
  { version, licence, commit, target, runtimeBase, seconds }: Product,
  components: readonly Component[],
) {
  const root = `pkg:generic/ch-sync@${version}`;
  return {
    metadata: {
      timestamp: new Date(seconds * 1000).toISOString(),
      lifecycles: [{ phase: "build" }],
      component: {
        "type": "application",
        "bom-ref": root,
        "name": "ch-sync",
        version,
        "licenses": [licenceOf(licence)],
        "purl": root,
        "properties": [
          { name: "ch-sync:commit", value: commit },
          { name: "ch-sync:target", value: target },
          ...runtimeBase === null ? [] : [{ name: "ch-sync:DENORT_BIN:SHA-256", value: runtimeBase }],
        ],
      },
    },
    components: components.map(describeComponent),
    dependencies: [
      { ref: root, dependsOn: components.filter(({ direct }) => direct).map(({ purl }) => purl) },
      ...components.map(({ purl, needs }) => ({ ref: purl, dependsOn: needs })),
    ],
    // What ch-sync embeds is all here; what the runtime consists of is not.
    compositions: [
      { aggregate: "complete", dependencies: [root] },
      {
        aggregate: "incomplete",
        dependencies: components.filter(({ inside }) => inside !== null).map(({ purl }) => purl),
      },
    ],
  };
}

function describeComponent({ purl, kind, name, version, licence, sha512, inside }: Component) {
  const [scope, bare] = name.startsWith("@") ? name.split("/") : [null, name];
  return {
    "type": kind,
    "bom-ref": purl,
    ...scope ? { group: scope } : {},
    "name": bare,
    version,
    "scope": "required",
    ...sha512 === null ? {} : { hashes: [{ alg: "SHA-512", content: sha512 }] },
    "licenses": [licenceOf(licence)],
    purl,
    ...inside === null
      ? {}
      : { externalReferences: [{ type: "other", url: inside, comment: "what it consists of" }] },
  };
}

/** An expression has blanks, an identifier has none. */
function licenceOf(spdx: string) {
  return /\s/.test(spdx) ? { expression: spdx } : { license: { id: spdx } };
}
