import { type ChangeOptions, type Control, type OpenSalesforceApi, openSalesforceApi } from "@acme/salesforce-api";
import { unaborted, type World } from "../fault-search/simulation/world.ts";
import type { SalesforceScenario } from "./scenario.ts";

export const ORG_URL = "http://acme.my.salesforce.com";

/** An org with people at work in it, on the world's clock. */
export interface Org {
  readonly api: OpenSalesforceApi;
  readonly control: Control;
  /** Records that came out of the bin without a new stamp: no pass by stamp can see them. */
  readonly restored: ReadonlySet<string>;
  /** Writes until the storm is over. */
  write(): Promise<void>;
}

const names = ["Li", 'O"Neil, the\n2nd', "NA", "Ångström", "null"] as const;
const departments = ["Sales", "", '"Quoted", and more', "Two\nlines", null] as const;
/** Reading many shows no more than reading a few, and takes longer. */
const MAX_PEOPLE = 80;
const scores = [null, 0, 12_345_678, 0.00025, 7] as const;

export function createOrg(world: World, scenario: SalesforceScenario): Org {
  const { clock, timeline } = world;
  const { writers, knobs } = scenario;
  const dice = world.dice("writers");
  const api = openSalesforceApi({
    now: () => clock.now(),
    org: {
      users: 1,
      untilMs: clock.now() - 3_600_000,
      fields: { Contact: [{ name: "Score__c", type: "double", scale: 5 }] },
    },
    ...knobs,
  });
  const { control } = api;
  const restored = new Set<string>();
  /** Records that have left their address to whom they were merged into: they do not come back, so that nobody shares one. */
  const left = new Set<string>();
  /** A record that a transaction is writing waits for its end; by id, until when. */
  const locked = new Map<string, number>();
  /** When everything that is stamped by now is visible. */
  let visibleMs = 0;
  let founder: string | null = null;
  let people = 0;
  let companies = 0;

  const note = (what: string): void => timeline.note("org", () => what);
  const free = (object: string, state: "live" | "deleted" = "live"): readonly string[] =>
    control
      .rows({ object, state, fields: [] })
      .map(({ id }) => id)
      .filter((id) => (locked.get(id) ?? 0) <= clock.now());
  const pick = (ids: readonly string[]): string | undefined => ids[dice.int(0, ids.length - 1)];

  /** When a change that is stamped now becomes visible. */
  function commit(...ids: readonly string[]): ChangeOptions & { readonly delayMs: number } {
    const delayMs = dice.chance(0.5) ? dice.int(0, writers.commitMs) : 0;
    visibleMs = Math.max(visibleMs, clock.now() + delayMs);
    for (const id of ids) locked.set(id, clock.now() + delayMs);
    return { delayMs };
  }

  function values(version: string): Record<string, string | number | null> {
    return {
      LastName: `${version} ${dice.pick(names)}`,
      Department: dice.pick(departments),
      Score__c: dice.pick(scores),
    };
  }

  function createContact(options: ChangeOptions): string {
    people += 1;
    // Some have no address and can never be delivered.
    const email = people > 1 && dice.chance(0.05) ? null : `Person${people}@people.example`;
    const accountId = dice.chance(0.2) ? null : (pick(free("Account")) ?? null);
    const id = control.create("Contact", { ...values(`v1 of ${people}`), Email: email, AccountId: accountId }, options);
    note(`${id} is created, ${email ?? "without address"}, seen ${options.delayMs ?? 0} ms later`);
    return id;
  }

  function createAccount(): void {
    companies += 1;
    control.create("Account", { Name: `Company ${companies}` }, { delayMs: 0 });
  }

  function change(id: string): void {
    const version = `v${dice.int(2, 1_000_000)}`;
    const options = commit(id);
    control.update(id, values(version), { ...options, touch: dice.pick(["user", "system"]) });
    note(`${id} becomes ${version}, seen ${options.delayMs} ms later`);
  }

  function changeMany(): void {
    const ids = free("Contact").filter(() => dice.chance(0.7));
    const options = commit(...ids);
    control.updateMany("Contact", ids, { LastName: `bulk ${dice.int(1, 1_000_000)}` }, options);
    note(`${ids.length} records are changed at once, seen ${options.delayMs} ms later: ${ids.join(" ")}`);
  }

  /** The first one always stays: a source that shows nothing at all is never believed. */
  function removeOne(): void {
    const ids = free("Contact").filter((each) => each !== founder);
    const [id, other] = [pick(ids), pick(ids)];
    const isBack = dice.chance(0.25);
    if (isBack) {
      const back = pick(free("Contact", "deleted").filter((each) => !left.has(each)));
      if (back === undefined) return;
      const touches = control.knobs().undeleteTouches;
      if (!touches && !scenario.reconciles) return;
      if (!touches) restored.add(back);
      control.undelete(back, commit(back));
      note(`${back} is brought back`);
      return;
    }
    if (id === undefined || other === undefined) return;
    const how = dice.pick(["delete", "merge", "purge", "empty bin"]);
    if (how === "delete") {
      control.delete(id, commit(id));
      note(`${id} is deleted`);
    } else if (how === "merge" && id !== other) {
      if (control.row(id)?.values["Email"] === undefined) left.add(other);
      control.merge(id, [other], commit(id, other));
      note(`${other} is merged into ${id}`);
    } else if (how === "purge") {
      control.purge(id, commit(id));
      note(`${id} is deleted for good`);
    } else if (how === "empty bin") {
      const ended = free("Contact", "deleted").filter(() => dice.chance(0.5));
      for (const each of ended) control.purge(each, commit(each));
      note(`the bin is emptied: ${ended.join(" ")}`);
    }
  }

  /** Changes that only reading everything shows. */
  function changeSilently(id: string): void {
    const accounts = free("Account");
    const [account, other] = [pick(accounts), pick(accounts)];
    const how = dice.pick(["rename", "rename", "merge", "correct"]);
    if (how === "correct") {
      control.update(id, { Score__c: dice.int(1, 99) }, { ...commit(id), touch: "none" });
      note(`the score of ${id} is corrected without a stamp`);
    } else if (account === undefined) {
      createAccount();
    } else if (how === "rename") {
      companies += 1;
      control.update(account, { Name: `Company ${companies}` }, commit(account));
      note(`${account} is renamed to Company ${companies}`);
    } else if (other !== undefined && other !== account && visibleMs <= clock.now()) {
      control.merge(account, [other], { delayMs: 0 });
      note(`${other} is merged into ${account}, with its people`);
    }
  }

  function act(): void {
    const id = pick(free("Contact"));
    if (id === undefined || (people < MAX_PEOPLE && dice.chance(0.15))) createContact(commit());
    else if (dice.chance(writers.bulk)) changeMany();
    else if (dice.chance(writers.removals)) removeOne();
    else if (scenario.reconciles && dice.chance(writers.silent)) changeSilently(id);
    else change(id);
  }

  for (let index = 0; index < scenario.accounts; index += 1) createAccount();
  for (let index = 0; index < scenario.contacts; index += 1) {
    const id = createContact({ atMs: clock.now() - 3_600_000 + dice.int(0, 10) * 60_000, delayMs: 0 });
    founder ??= id;
  }

  return {
    api,
    control,
    restored,
    async write() {
      for (;;) {
        await clock.sleep(dice.around(writers.everyMs), unaborted);
        if (!world.isStormy()) return;
        for (let count = dice.int(1, writers.changesAtOnce); count > 0; count -= 1) act();
      }
    },
  };
}
