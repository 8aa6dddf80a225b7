import { parseArgs } from "node:util";
import { type ProgramLine, programFlags, runProgram, toShare, toWhole } from "../index.ts";
import { startTinyApi, type TinyOptions } from "./tiny-api.ts";

interface TinyLine extends ProgramLine<TinyOptions> {
  readonly text: string;
}

await runProgram<TinyLine>({
  name: "tiny-api",
  usage: "tiny-api: --port --text --share --failing --quiet --json\n",
  parse(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "0" },
        text: { type: "string", default: "hello" },
        share: { type: "string", default: "0" },
        failing: { type: "boolean", default: false },
        ...programFlags,
      },
    });
    const { help, quiet, json, text, failing } = values;
    toShare("share", values.share);
    const closed = () => {
      if (failing) throw new Error("the store cannot be written");
    };
    return { help, quiet, json, text, options: { port: toWhole("port", values.port), text, closed } };
  },
  start: startTinyApi,
  facts: ({ text }) => ({ text }),
  greeting: (url, { text }) => `Ready to say ${text}

  curl ${url}/one
  curl ${url}/two
  curl ${url}/three
`,
});
