import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { findEmbedded } from "../../scripts/build/embedded.ts";
import { renderSbom } from "../../scripts/build/sbom.ts";

const PRODUCT = {
  version: "1.2.3",
  licence: "Apache-2.0",
  commit: "abc",
  target: "t",
  runtimeBase: null,
  seconds: 1_700_000_000,
};

/** What is read of a bill here. */
interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly version: number;
  readonly metadata: { readonly timestamp: string; readonly component: BillComponent };
  readonly components: readonly BillComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
  readonly compositions: readonly { readonly aggregate: string; readonly dependencies: readonly string[] }[];
}

interface BillComponent {
  readonly type: string;
  readonly "bom-ref": string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
  readonly licenses: readonly { readonly license?: { readonly id: string }; readonly expression?: string }[];
}

Deno.test("the bill is CycloneDX 1.6: its head, its components, each with a licence, and who needs whom", async () => {
  const bill: Bill = JSON.parse(renderSbom(PRODUCT, await findEmbedded()));
  assert.equal(bill.bomFormat, "CycloneDX");
  assert.equal(bill.specVersion, "1.6");
  assert.equal(bill.version, 1);
  assert.equal(bill.metadata.timestamp, "2023-11-14T22:13:20.000Z");

  const root = bill.metadata.component;
  assert.deepEqual([root.type, root.name, root.version], ["application", "ch-sync", "1.2.3"]);
  for (const component of [root, ...bill.components]) {
    const [licence] = component.licenses;
    assert.match(licence?.license?.id ?? licence?.expression ?? "", /^[A-Za-z0-9.+() -]+$/, component.name);
    assert.match(component.purl, /^pkg:(npm|github|generic)\/[^@\s]+@[^@\s]+$/);
    assert.ok(component.purl.endsWith(component.version), component.purl);
  }
  for (const { purl, hashes, type } of bill.components.filter((each) => each.purl.startsWith("pkg:npm/"))) {
    assert.equal(type, "library");
    assert.equal(hashes?.[0]?.alg, "SHA-512");
    assert.match(hashes?.[0]?.content ?? "", /^[0-9a-f]{128}$/, purl);
  }

  const references = [root, ...bill.components].map((component) => component["bom-ref"]);
  assert.equal(new Set(references).size, references.length);
  assert.deepEqual(bill.dependencies.map(({ ref }) => ref).sort(), references.toSorted());
  const needed = bill.dependencies.flatMap(({ dependsOn = [] }) => dependsOn);
  assert.deepEqual(new Set(needed), new Set(references.slice(1)), "everything is needed by something");
  for (const { dependencies } of bill.compositions) {
    assert.deepEqual(dependencies.filter((reference) => !references.includes(reference)), []);
  }
});

Deno.test("the bill is valid by CycloneDX's own schema", async () => {
  const sbom = new URL("../../scripts/build/sbom.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", sbom] }).output();
  const { npmPackages } = JSON.parse(new TextDecoder().decode(stdout));
  const [library] = Object.keys(npmPackages).filter((key) => key.startsWith("@cyclonedx/cyclonedx-library@"));
  const schemaOf = (name: string) =>
    JSON.parse(
      Deno.readTextFileSync(`${npmPackages[library!].localPath}/res/schema/${name}.SNAPSHOT.schema.json`),
    );
  // The formats of the schema are addresses and times, which the program does not make.
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    ajv.addSchema(schemaOf(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  const validate = ajv.compile(schemaOf("bom-1.6"));
  const bill: Bill = JSON.parse(renderSbom({ ...PRODUCT, runtimeBase: "abcd" }, await findEmbedded()));
  assert.ok(validate(bill), JSON.stringify(validate.errors, null, 1));
  assert.ok(!validate({ ...bill, components: [{ name: "no type" }] }));
});

Deno.test("the bill names Deno and V8 as they run here, and says that they hold more", async () => {
  const bill: Bill = JSON.parse(renderSbom(PRODUCT, await findEmbedded()));
  const deno = bill.components.find(({ name }) => name === "deno")!;
  const v8 = bill.components.find(({ name }) => name === "v8")!;
  assert.deepEqual([deno.version, deno.type, deno.licenses], [Deno.version.deno, "platform", [{
    license: { id: "MIT" },
  }]]);
  assert.deepEqual([v8.version, v8.licenses], [Deno.version.v8, [{ license: { id: "BSD-3-Clause" } }]]);
  const incomplete = bill.compositions.find(({ aggregate }) => aggregate === "incomplete");
  assert.deepEqual(incomplete?.dependencies, [v8["bom-ref"], deno["bom-ref"]]);
});

Deno.test("the bill is the same for the same build, in whatever order its parts were found", async () => {
  const parts = await findEmbedded();
  assert.equal(renderSbom(PRODUCT, parts), renderSbom(PRODUCT, parts.toReversed()));
});

Deno.test("a licence is an identifier, an expression, or in the package's own words", () => {
  const licenceOf = (licence: string) =>
    (JSON.parse(renderSbom({ ...PRODUCT, licence }, [])) as Bill).metadata.component.licenses;
  assert.deepEqual(licenceOf("MIT"), [{ license: { id: "MIT" } }]);
  assert.deepEqual(licenceOf("(MIT OR Apache-2.0)"), [{ expression: "(MIT OR Apache-2.0)" }]);
  assert.deepEqual(licenceOf("SEE LICENSE IN LICENSE"), [{ license: { name: "SEE LICENSE IN LICENSE" } }]);
});

Deno.test("the bill says so where the binary has a runtime base that DENORT_BIN named", () => {
  const properties = (runtimeBase: string | null) =>
    (JSON.parse(renderSbom({ ...PRODUCT, runtimeBase }, [])) as Bill).metadata.component.properties;
  const [commit, target] = [{ name: "ch-sync:commit", value: "abc" }, { name: "ch-sync:target", value: "t" }];
  assert.deepEqual(properties("abcd"), [
    commit,
    { name: "ch-sync:DENORT_BIN:SHA-256", value: "abcd" },
    target,
  ]);
  assert.deepEqual(properties(null), [commit, target]);
});
