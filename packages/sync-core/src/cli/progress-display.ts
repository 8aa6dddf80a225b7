import type { Progress } from "../contracts/progress.ts";
import type { CliIo } from "./cli-io.ts";
import { progressLine, renderProgress } from "./render-progress.ts";
import type { Style } from "./style.ts";
import { printable } from "./text-width.ts";

export interface ProgressDisplay {
  /** Shows where a sync stands, as often as is good for the reader. */
  update(sync: string, progress: Progress): void;
  /** A line that stays, above the block. */
  print(line: string): void;
  /** The sync is not shown any more. */
  done(sync: string): void;
  /** Takes the block away and stops every timer. May be called more than once. */
  finish(): void;
}

const REDRAW_MS = 100;
const LOG_LINE_MS = 30_000;

/**
 * On a terminal: a block that is rewritten in place. Elsewhere: a plain line at most every 30 seconds, so that a log shows a
 * sign of life. With `--quiet` or `--json`: nothing at all. Its timers never keep the process alive.
 */
export function createProgressDisplay(
  io: CliIo,
  options: { readonly quiet: boolean; readonly json: boolean },
  style: Style,
): ProgressDisplay {
  if (options.quiet || options.json) return { update: () => {}, print: () => {}, done: () => {}, finish: () => {} };
  return io.stderr.isTTY ? createBlock(io, style) : createLog(io);
}

/** Notices are said once for each sync, however often they come along. */
function createNoticeFilter(): (sync: string, progress: Progress) => readonly string[] {
  const said = new Set<string>();
  return (sync, progress) => {
    const notices = progress.notices.map((notice) => `${sync}: ${printable(notice)}`);
    const fresh = notices.filter((notice) => !said.has(notice));
    for (const notice of fresh) said.add(notice);
    return fresh;
  };
}

function createBlock(io: CliIo, style: Style): ProgressDisplay {
  const freshNotices = createNoticeFilter();
  const latest = new Map<string, Progress>();
  let shownLines = 0;
  let drawnAt = 0;
  let timer: NodeJS.Timeout | null = null;

  const erase = (): void => {
    if (shownLines > 0) io.stderr.write(`\u001B[${shownLines}A\u001B[0J`);
    shownLines = 0;
  };
  const draw = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    erase();
    drawnAt = io.now();
    if (latest.size === 0) return;
    const lines = [...latest].flatMap(([sync, progress]) => renderProgress(sync, progress, io.stderr.columns(), style));
    io.stderr.write(`${lines.join("\n")}\n`);
    shownLines = lines.length;
  };
  const print = (line: string): void => {
    erase();
    io.stderr.write(`${line}\n`);
    draw();
  };

  return {
    update(sync, progress) {
      latest.set(sync, progress);
      for (const notice of freshNotices(sync, progress)) print(`${style.yellow("!")} ${notice}`);
      const dueInMs = drawnAt + REDRAW_MS - io.now();
      if (dueInMs <= 0) draw();
      // The last word before a long wait must not get lost.
      else timer ??= setTimeout(draw, dueInMs).unref();
    },
    print,
    done(sync) {
      latest.delete(sync);
      draw();
    },
    finish() {
      latest.clear();
      draw();
    },
  };
}

function createLog(io: CliIo): ProgressDisplay {
  const freshNotices = createNoticeFilter();
  const latest = new Map<string, Progress>();
  let timer: NodeJS.Timeout | null = null;
  const finish = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
    latest.clear();
  };
  return {
    update(sync, progress) {
      latest.set(sync, progress);
      for (const notice of freshNotices(sync, progress)) io.stderr.write(`! ${notice}\n`);
      timer ??= setInterval(() => {
        for (const [name, last] of latest) io.stderr.write(`${progressLine(name, last)}\n`);
      }, LOG_LINE_MS).unref();
    },
    print: (line) => io.stderr.write(`${line}\n`),
    done(sync) {
      latest.delete(sync);
      if (latest.size === 0) finish();
    },
    finish,
  };
}
