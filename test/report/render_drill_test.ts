import assert from "node:assert/strict";
import { renderStep } from "../../src/report/render_drill.ts";

const STEP = { name: "reach both sites", seconds: 12.34, detail: "26.7 here", passed: true, remedy: null };

Deno.test("renderStep() says how long a step took, and what to do on a line of its own", () => {
  assert.equal(renderStep(STEP), "ok       12.3 s  reach both sites: 26.7 here");
  assert.equal(
    renderStep({ ...STEP, seconds: 0, passed: false, remedy: "open the port" }),
    "FAILED    0.0 s  reach both sites: 26.7 here\n                 -> open the port",
  );
});

Deno.test("renderStep() gives no server control over the terminal or over lines", () => {
  const [detail, remedy] = ["a\u001b[2Jb\nok  forged", "c\rd\n-> e"];
  const text = renderStep({ ...STEP, detail, remedy });
  assert.equal(text.split("\n").length, 2);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text.replace("\n", ""), /[\u0000-\u001f\u007f-\u009f]/);
});
