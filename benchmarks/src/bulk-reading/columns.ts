/** What both sides ask for: an id and stamps, texts, a longer text, a parent's name, a number, a boolean. */
export const columns = [
  "Id",
  "SystemModstamp",
  "IsDeleted",
  "MasterRecordId",
  "FirstName",
  "LastName",
  "Email",
  "Phone",
  "Title",
  "MailingCity",
  "MailingPostalCode",
  "Description",
  "Account.Name",
] as const;

export const object = "Contact";
/** Rows in one download. */
export const pageRows = 20_000;
