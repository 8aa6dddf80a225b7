/** What is to happen right after a method was committed. What it gives, if anything, takes the place of the result. */
export type AfterCommit<Target> = {
  readonly [Name in keyof Target]?: Target[Name] extends (...words: infer Words) => Promise<infer Result>
    ? (result: Result, ...words: Words) => void | Result | Promise<void>
    : never;
};

/** One call of the disk. @param writes false: it cannot tear anything. */
export type DiskCall = (what: string, writes: boolean, effect: () => Promise<unknown>) => Promise<unknown>;

/** `target` with every method of it made through `call`, also those that it gets one day. */
export function throughDisk<Target extends object>(
  target: Target,
  reads: ReadonlySet<string>,
  call: DiskCall,
  afterCommit: AfterCommit<Target>,
): Target {
  return new Proxy(target, {
    get(_, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || typeof name !== "string") return method;
      const after: unknown = Reflect.get(afterCommit, name);
      return (...words: unknown[]) =>
        call(name, !reads.has(name), async () => {
          const result: unknown = await Reflect.apply(method, target, words);
          if (typeof after !== "function") return result;
          return (await Reflect.apply(after, undefined, [result, ...words])) ?? result;
        });
    },
  });
}
