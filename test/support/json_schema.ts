/** JSON against the schemas that docs publish. */
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";

/** A check against `docs/<name>.schema.json`: throws with everything that is wrong. */
export function schemaOf(name: string): (value: unknown) => void {
  const schema = JSON.parse(
    Deno.readTextFileSync(new URL(`../../docs/${name}.schema.json`, import.meta.url)),
  );
  const time = (text: string) => !Number.isNaN(Date.parse(text)) && text.endsWith("Z");
  const ajv = new Ajv2020({ allErrors: true, strict: false, formats: { "date-time": time } });
  const validate = ajv.compile(schema);
  return (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    assert.ok(validate(plain), JSON.stringify(validate.errors, null, 1));
  };
}
