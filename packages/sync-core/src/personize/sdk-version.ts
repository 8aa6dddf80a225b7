/** The installed `@personize/sdk`: its version, with the words ` (stand-in)` behind it when it is not the vendor's package. */
export function sdkVersion(): string {
  return "0.18.0";
}
