/** Plain JSON: what a source row, a cursor and a destination value are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JsonObject = Readonly<Record<string, Json>>;
