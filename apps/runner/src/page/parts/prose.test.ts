import { expect, it } from "vitest";
import { prose } from "./prose.ts";

it("sets names between backticks as code, and leaves a backtick alone that has no other", async () => {
  expect(String(await prose("`email` is <empty>, see `where`", 100))).toBe(
    "<code>email</code> is &lt;empty&gt;, see <code>where</code>",
  );
  expect(String(await prose("a ` alone, and `` nothing", 100))).toBe("a ` alone, and `` nothing");
  expect(String(await prose("`</code><script>`", 100))).toBe("<code>&lt;/code&gt;&lt;script&gt;</code>");
  expect(String(await prose("`cut off here`", 5))).toBe("`cut … (14 characters)");
});
