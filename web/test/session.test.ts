import { expect, test } from "vitest";

import { isSignedIn, wayBack } from "../src/state/session";
import { INCLUDES, isGood, type Token } from "../src/pages/admin/documents";

test.each(["j/42?tab=log#L7", "?q=state%3Afailed", "admin"])("the way back to %s is kept", (to) => {
  expect(wayBack(to)).toBe(to);
});

test.each([
  null,
  "",
  "login",
  "login?to=admin",
  "https://203.0.113.9/",
  "//203.0.113.9/",
  "/\\203.0.113.9/",
  "javascript:alert(1)",
  "data:text/html,x",
  "j/1\n/x",
])("the way back to %s is to the list instead", (to) => {
  expect(wayBack(to)).toBe("");
});

test("only who signed in with this browser can sign out", () => {
  const identity = { name: "kim", scopes: ["read"], job: null };
  expect(isSignedIn({ ...identity, via: "session" })).toBe(true);
  expect(isSignedIn({ ...identity, via: "own-user" })).toBe(false);
  expect(isSignedIn(null)).toBe(false);
});

test("a token is good until it expires or is revoked", () => {
  const token: Token = { id: "1", user: "kim", note: "", scopes: ["read"], created: "2026-01-01T00:00:00Z", expires: "2026-02-01T00:00:00Z", revoked: null };
  expect(isGood(token, Date.parse("2026-01-31T23:59:59Z"))).toBe(true);
  expect(isGood(token, Date.parse("2026-02-01T00:00:00Z"))).toBe(false);
  expect(isGood({ ...token, expires: null }, Infinity)).toBe(true);
  expect(isGood({ ...token, revoked: token.created }, 0)).toBe(false);
});

test("a scope includes those below it", () => {
  expect(INCLUDES.admin).toEqual(["read", "report", "run"]);
});
