import { findFreePort } from "@acme/test-servers";
import { describe, expect, it } from "vitest";
import { contact, contactSync, useWorlds } from "../support/world.ts";

const worlds = useWorlds();

describe("runner health", () => {
  it("is 0 while a runner of the same configuration answers, and tells that none does before and after", async () => {
    const world = await worlds.create();
    await world.database.query(
      "create table people (id int primary key, email text, city text, updated_at timestamptz)",
    );
    const port = await findFreePort();
    await world.configure({ runner: { port }, syncs: { people: contactSync("people", { city: contact("city") }) } });
    const health = () => world.startRunner(["health"]).ended;

    expect(await health()).toMatchObject({
      code: 6,
      err: expect.stringContaining(`nothing answers at http://127.0.0.1:${port}`),
    });
    const served = world.startRunner(["serve"]);
    await served.said("Page: ");
    expect(await health()).toMatchObject({ code: 0, err: "" });
    served.child.kill("SIGTERM");
    await served.ended;
    expect((await health()).code).toBe(6);
  });
});
