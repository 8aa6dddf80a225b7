import { expect, test } from "vitest";
import { type LoggedRequest, readLogQuery, RequestLog, selectRequests } from "./request-log.ts";

const entry = (number: number, method: string, path: string): LoggedRequest => ({
  number,
  timeMs: 0,
  method,
  path,
  query: "",
  status: 200,
  rows: 0,
  aborted: false,
  faults: [],
});

test("the latest are kept, as many as asked for", () => {
  const log = new RequestLog<LoggedRequest>();
  for (let number = 1; number <= 25; number += 1) log.add(entry(number, "GET", "/"), 10);
  expect(log.list(10).map(({ number }) => number)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25]);
  expect(log.list(2).map(({ number }) => number)).toEqual([24, 25]);
  expect(log.list(0)).toEqual([]);
  log.add(entry(26, "GET", "/"), 0);
  expect(log.list(1).map(({ number }) => number)).toEqual([25]);
  log.clear();
  expect([log.count, log.list(10)]).toEqual([0, []]);
});

test.each([
  [{}, [1, 2, 3, 4]],
  [{ method: "post" }, [2, 4]],
  [{ path: "^/b" }, [3, 4]],
  [{ afterNumber: 2 }, [3, 4]],
  [{ afterNumber: "2", method: "POST" }, [4]],
])("%j selects %j", (body, expected) => {
  const entries = [entry(1, "GET", "/a"), entry(2, "POST", "/a"), entry(3, "GET", "/b"), entry(4, "POST", "/b")];
  expect(selectRequests(entries, readLogQuery(body)).map(({ number }) => number)).toEqual(expected);
});

test("a part of what is selected is taken after it was selected", () => {
  const entries = [entry(1, "GET", "/a"), entry(2, "POST", "/a"), entry(3, "GET", "/b"), entry(4, "GET", "/c")];
  expect(selectRequests(entries, { method: "GET", offset: 1, limit: 1 }).map(({ number }) => number)).toEqual([3]);
});
