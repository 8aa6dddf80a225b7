import { afterEach, expect, it } from "vitest";
import {
  createReader,
  DAY,
  deletedOf,
  HOUR,
  MINUTE,
  missingOf,
  noticesOf,
  readAll,
  rowsOf,
  startOrg,
  streamOf,
  type TestOrg,
} from "./__fixtures__/org.ts";
let org: TestOrg | null = null;
afterEach(async () => {
  await org?.stop();
  org = null;
});
it.each(["rest", "bulk", "auto"] as const)("smoke %s", async (transport) => {
  org = await startOrg({ org: { rows: { Contact: 5000, Account: 200 }, deletedShare: 0.01 } });
  const source = org.source({ transport, bulkMinRows: 3000, bulkPageRows: 1500 });
  console.log(await source.check(new AbortController().signal));
  const stream = await streamOf(source, ["LastName", "FirstName", "Account.Name", "Owner.Name"]);
  const reader = createReader(source, stream);
  const pages = await reader.run();
  console.log(
    pages.length,
    JSON.stringify(pages[1]?.rows[0]),
    JSON.stringify(reader.cursor()),
    noticesOf(pages),
    pages.at(-1)?.proved,
  );
  console.log(org.calls());
  expect(missingOf(org, reader)).toEqual([]);
  const at = org.lastNumber();
  const [a = "", b = "", c = ""] = org.control.rows({ object: "Contact" }).map((r) => r.id);
  org.control.update(a, { LastName: "New" });
  org.control.delete(b);
  org.control.create("Contact", { LastName: "X" });
  org.control.purge(c);
  org.runtime.advance(2 * HOUR);
  const more = await reader.run();
  console.log(rowsOf(more), org.calls(at), more.at(-1)?.proved);
  expect(missingOf(org, reader)).toEqual([]);
});
