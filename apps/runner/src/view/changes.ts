/** Tells those who watch that something may have changed, at most once a second. */
export interface Changes {
  /** Something changed. */
  readonly note: () => void;
  readonly watch: (onChange: () => void) => () => void;
}

const EVERY_MS = 1000;

export function createChanges(): Changes {
  const watchers = new Set<() => void>();
  let timer: NodeJS.Timeout | null = null;
  let toldAt = 0;

  function tell(): void {
    timer = null;
    toldAt = performance.now();
    for (const watcher of watchers) watcher();
  }

  return {
    note() {
      if (watchers.size === 0 || timer !== null) return;
      timer = setTimeout(tell, Math.max(0, toldAt + EVERY_MS - performance.now())).unref();
    },
    watch(onChange) {
      watchers.add(onChange);
      return () => void watchers.delete(onChange);
    },
  };
}
