const SHORT = /^[0-9A-Za-z]{15}$/;
const SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/**
 * The 18 characters of a record id. One of 15 tells ids apart by upper and lower case; its suffix says which characters of each
 * group of five are upper case. Anything that is no id of 15 stays as it is.
 * https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/field_types.htm
 */
export function toLongId(id: string): string {
  if (!SHORT.test(id)) return id;
  let suffix = "";
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let place = 0; place < 5; place += 1) {
      const character = id.charCodeAt(start + place);
      if (character >= 65 && character <= 90) bits |= 1 << place;
    }
    suffix += SUFFIX[bits] ?? "";
  }
  return id + suffix;
}
