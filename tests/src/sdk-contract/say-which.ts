import { describeSdk, installedSdk } from "./installed-sdk.ts";

process.stdout.write(`Tested: ${describeSdk(installedSdk())}\n`);
