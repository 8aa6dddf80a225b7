/** Licences that ask for no more than their text to be kept. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

/** Stood in for here, so that its own manifest is not at hand. Whoever uses Personize has agreed to its terms. */
const UNKNOWN_HERE = new Set(["@personize/sdk"]);

/** Packages under other licences, and those that state none; each in a sentence. An "or" is ours to choose from. */
export function licenceProblems(licences: ReadonlyMap<string, string | null>): readonly string[] {
  return [...licences].flatMap(([name, licence]) => {
    if (UNKNOWN_HERE.has(name)) return [];
    if (licence === null) return [`${name} states no licence`];
    const choices = licence.replaceAll(/[()]/g, "").split(/ or /i);
    return choices.some((choice) => ALLOWED.has(choice.trim())) ? [] : [`${name} is under ${licence}`];
  });
}
