import assert from "node:assert/strict";
import { findComponents, renderLicences } from "../../scripts/build/components.ts";
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
  readonly serialNumber: string;
  readonly version: number;
  readonly metadata: { readonly timestamp: string; readonly component: BillComponent };
  readonly components: readonly BillComponent[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
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
  const bill: Bill = JSON.parse(await renderSbom(PRODUCT, await findComponents()));
  assert.equal(bill.bomFormat, "CycloneDX");
  assert.equal(bill.specVersion, "1.6");
  assert.equal(bill.version, 1);
  assert.match(
    bill.serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
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
  assert.deepEqual(bill.dependencies.map(({ ref }) => ref), references);
  const needed = bill.dependencies.flatMap(({ dependsOn }) => dependsOn);
  assert.deepEqual(new Set(needed), new Set(references.slice(1)), "everything is needed by something");
  for (const { dependencies } of bill.compositions) {
    assert.deepEqual(dependencies.filter((reference) => !references.includes(reference)), []);
  }
});

Deno.test("the bill names Deno and V8 as they run here, and says that they hold more", async () => {
  const components = await findComponents();
  const bill: Bill = JSON.parse(await renderSbom(PRODUCT, components));
  const deno = bill.components.find(({ name }) => name === "deno")!;
  const v8 = bill.components.find(({ name }) => name === "v8")!;
  assert.deepEqual([deno.version, deno.type, deno.licenses], [Deno.version.deno, "platform", [{
    license: { id: "MIT" },
  }]]);
  assert.deepEqual([v8.version, v8.licenses], [Deno.version.v8, [{ license: { id: "BSD-3-Clause" } }]]);
  const incomplete = bill.compositions.find(({ aggregate }) => aggregate === "incomplete");
  assert.deepEqual(incomplete?.dependencies, [deno["bom-ref"], v8["bom-ref"]]);
});

Deno.test("the bill is the same for the same build, and has another number for another one", async () => {
  const components = await findComponents();
  assert.equal(await renderSbom(PRODUCT, components), await renderSbom(PRODUCT, components));
  const numbers = [PRODUCT, { ...PRODUCT, commit: "def" }].map(async (product) =>
    (JSON.parse(await renderSbom(product, components)) as Bill).serialNumber
  );
  const [one, other] = await Promise.all(numbers);
  assert.notEqual(one, other);
});

Deno.test("the bill says so where the binary has a runtime base that DENORT_BIN named", async () => {
  const properties = async (runtimeBase: string | null) =>
    (JSON.parse(await renderSbom({ ...PRODUCT, runtimeBase }, [])) as Bill).metadata.component.properties;
  const [commit, target, base] = await properties("abcd") ?? [];
  assert.deepEqual([commit?.value, target?.value, base?.value], ["abc", "t", "abcd"]);
  assert.equal((await properties(null))?.length, 2);
});

Deno.test("renderLicences() gives the text of every component", async () => {
  const components = await findComponents();
  const text = renderLicences(components);
  for (const { name, version, licence, licenceText } of components) {
    assert.ok(text.includes(`${name} ${version}: ${licence}\n`), name);
    assert.ok(licenceText.length > 500 && text.includes(licenceText), name);
  }
});
