import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");

it.each(["people-source.ts", "people-source.test.ts", "run-people.ts"])(
  "the README shows %s as it is run here",
  (file) => {
    expect(read("../../README.md")).toContain(`\`\`\`ts\n// ${file}\n${read(`./__fixtures__/example/${file}`)}\`\`\``);
  },
);
