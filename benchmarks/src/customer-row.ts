/** The same row for the same number. */
export function customerRow(number: number): {
  id: number;
  email: string;
  first_name: string;
  company: string;
  city: string;
  notes: string;
} {
  return {
    id: number,
    email: `customer${number}@example.com`,
    first_name: `First ${number}`,
    company: `Company ${number % 1000}`,
    city: `City ${number % 100}`,
    notes: `Customer ${number} called about order ${number * 7} and asked for a later delivery.`,
  };
}
