import { expect, test } from "vitest";
import { startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

function batch(api: TestApi, inputs: readonly object[], direction = "contacts/companies") {
  return api.post(`/crm/v4/associations/${direction}/batch/read`, { inputs });
}

test("ids are texts on one side and numbers on the other; all types of a pair stand together", async () => {
  const api = await startTestApi();
  const [contact, company] = [api.control.create("contacts", {}), api.control.create("companies", {})];
  api.control.associate("contacts", contact, "companies", company, "Primary");
  api.control.associate("contacts", contact, "companies", company, "Adviser");
  const answer = await batch(api, [{ id: contact }]);
  expect(answer.status).toBe(200);
  expect(answer.at("results")).toEqual([
    {
      from: { id: contact },
      to: [
        {
          toObjectId: Number(company),
          associationTypes: [
            { category: "HUBSPOT_DEFINED", typeId: 279, label: null },
            { category: "HUBSPOT_DEFINED", typeId: 1, label: "Primary" },
            { category: "USER_DEFINED", typeId: 28, label: "Adviser" },
          ],
        },
      ],
    },
  ]);
  const back = await batch(api, [{ id: company }], "companies/contacts");
  expect(back.at("results.0.to.0.toObjectId")).toBe(Number(contact));
  expect(back.at("results.0.to.0.associationTypes.0.typeId")).toBe(280);
  const labels = await api.get("/crm/v4/associations/contacts/companies/labels");
  expect(labels.each("results", "label")).toEqual(["Primary", null, "Adviser"]);
});

test("records without any are missing from the results and named in a 207, bad ids differently", async () => {
  const api = await startTestApi();
  const [contact, lonely] = [api.control.create("contacts", {}), api.control.create("contacts", {})];
  api.control.associate("contacts", contact, "companies", api.control.create("companies", {}));
  const answer = await batch(api, [{ id: lonely }, { id: contact }, { id: "x" }]);
  expect([answer.status, answer.at("numErrors")]).toEqual([207, 2]);
  expect(answer.each("results", "from.id")).toEqual([contact]);
  expect(answer.at("errors.0")).toEqual({
    status: "error",
    category: "OBJECT_NOT_FOUND",
    subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
    message: `No company is associated with contact ${lonely}.`,
    context: { fromObjectId: [lonely], fromObjectType: ["0-1"], toObjectType: ["0-2"] },
  });
  expect(answer.at("errors.1.subCategory")).toBe("crm.associations.INVALID_IDENTIFIER");
});

test("a record with more targets than a page is read on with its own after", async () => {
  const api = await startTestApi({ portal: { contacts: 100, companies: 10 }, associationPageSize: 4 });
  const hub = api.control
    .records({ type: "companies" })
    .map(({ id }) => id)
    .find((id) => api.control.associated("companies", id, "contacts").length > 10);
  const seen: unknown[] = [];
  let after: unknown;
  do {
    const answer = await batch(api, [after === undefined ? { id: hub } : { id: hub, after }], "companies/contacts");
    const page = answer.each("results.0.to", "toObjectId");
    expect(page.length).toBeLessThanOrEqual(4);
    seen.push(...page);
    after = answer.at("results.0.paging.next.after");
  } while (after !== undefined);
  expect(seen.map(String)).toEqual(api.control.associated("companies", hub ?? "", "contacts"));
});

test("1,000 inputs are the most", async () => {
  const api = await startTestApi();
  const inputs = (count: number) => Array.from({ length: count }, (_, index) => ({ id: String(index + 1) }));
  expect((await batch(api, inputs(1001))).status).toBe(400);
  expect((await batch(api, inputs(1000))).status).toBe(207);
});

test("those of one record page by limit and after", async () => {
  const api = await startTestApi();
  const contact = api.control.create("contacts", {});
  const deals = Array.from({ length: 5 }, () => api.control.create("deals", {}));
  for (const deal of deals) api.control.associate("contacts", contact, "deals", deal);
  const path = `/crm/v4/objects/contacts/${contact}/associations/deals`;
  const first = await api.get(`${path}?limit=3`);
  const rest = await api.get(`${path}?limit=3&after=${String(first.at("paging.next.after"))}`);
  const ids = [...first.each("results", "toObjectId"), ...rest.each("results", "toObjectId")];
  expect(ids.map(String).toSorted()).toEqual(deals.toSorted());
  expect(rest.at("paging")).toBeUndefined();
  expect((await api.get(`${path}?limit=501`)).status).toBe(400);
});

test("in a list, the same target comes once for each of its types, or once", async () => {
  const api = await startTestApi();
  const [contact, company] = [api.control.create("contacts", {}), api.control.create("companies", {})];
  api.control.associate("contacts", contact, "companies", company, "Primary");
  const path = "/crm/v3/objects/contacts?associations=companies,deals,nonsense";
  expect((await api.get(path)).at("results.0.associations")).toEqual({
    companies: {
      results: [
        { id: company, type: "contact_to_company_unlabeled" },
        { id: company, type: "contact_to_company" },
      ],
    },
  });
  api.control.setKnobs({ inlineAssociations: "unique" });
  expect((await api.get(path)).each("results.0.associations.companies.results", "id")).toEqual([company]);
  const alone = await api.get(`/crm/v3/objects/contacts/${contact}?associations=companies`);
  expect(alone.each("associations.companies.results", "id")).toEqual([company]);
});

test("a change of associations does not move the modified date, unless the knob says so", async () => {
  const api = await startTestApi();
  const [contact, company] = [api.control.create("contacts", {}), api.control.create("companies", {})];
  const before = api.control.record("contacts", contact)?.modifiedAtMs;
  api.control.advanceClock(1000);
  api.control.associate("contacts", contact, "companies", company);
  expect(api.control.record("contacts", contact)?.modifiedAtMs).toBe(before);
  api.control.setKnobs({ associationTouches: true });
  api.control.dissociate("contacts", contact, "companies", company);
  expect(api.control.record("contacts", contact)?.modifiedAtMs).toBe(api.control.now());
  expect(api.control.associated("contacts", contact, "companies")).toEqual([]);
});

test("archived targets are not associated while they are in the bin", async () => {
  const api = await startTestApi();
  const [contact, company] = [api.control.create("contacts", {}), api.control.create("companies", {})];
  api.control.associate("contacts", contact, "companies", company);
  api.control.archive("companies", company);
  expect((await batch(api, [{ id: contact }])).at("results")).toEqual([]);
  api.control.restore("companies", company);
  expect((await batch(api, [{ id: contact }])).each("results", "from.id")).toEqual([contact]);
});

test("both directions of a seeded portal agree", async () => {
  const { control } = await startTestApi({ portal: { contacts: 300, companies: 20, deals: 50, notes: 40 } });
  for (const [from, to] of [
    ["contacts", "companies"],
    ["deals", "companies"],
    ["deals", "contacts"],
    ["notes", "contacts"],
  ] as const) {
    const links = (one: string, other: string, flip: boolean) =>
      control
        .records({ type: one, properties: [] })
        .flatMap(({ id }) =>
          control.associated(one, id, other).map((target) => (flip ? `${target}-${id}` : `${id}-${target}`)),
        )
        .toSorted();
    const forward = links(from, to, false);
    expect(forward.length).toBeGreaterThan(20);
    expect(links(to, from, true)).toEqual(forward);
  }
});
