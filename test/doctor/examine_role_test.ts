import assert from "node:assert/strict";
import { examineRole } from "../../src/doctor/examine_role.ts";
import { settingsOf } from "../support/sites/settings.ts";

const at = (host: string) => ({ ...settingsOf().local, url: `http://${host}:8123` });
const namesOf = (...of: Parameters<typeof settingsOf>) =>
  examineRole(settingsOf(...of)).map(({ detail }) => detail.split(" ")[0]);

Deno.test("examineRole() warns of URLs that hold the address of the other role", () => {
  const [primary, dr] = [at("192.0.2.1"), at("192.0.2.2")]; // as PRIMARY_IP and DR_IP
  assert.deepEqual(namesOf({ role: "dr", local: dr, remote: primary }), []);
  assert.deepEqual(namesOf({ role: "primary", local: primary, remote: dr }), []);
  assert.deepEqual(namesOf({ role: "dr", local: at("db.example"), remote: at("127.0.0.1") }), []);
  assert.deepEqual(namesOf({ role: "dr", local: primary, remote: dr }), ["LOCAL_CH_URL", "REMOTE_CH_URL"]);
  assert.deepEqual(namesOf({ role: "primary", local: at("db.example"), remote: primary }), ["REMOTE_CH_URL"]);
  const dns = { ...settingsOf().dns, primaryIp: "2001:db8::1", drIp: "2001:db8::2" };
  assert.deepEqual(namesOf({ role: "dr", dns, local: at("[2001:DB8:0::1]"), remote: at("x") }), [
    "LOCAL_CH_URL",
  ]);
});
