import type { Choice } from "./piece";

/** What Intl has names for and is no country. */
const none = new Set(["AC", "CP", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]);
const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
let list: Choice[] | undefined;

/** countries are the choices of a field for a country: by their English names, which is what the hosted pages send too. */
export function countries(): Choice[] {
  list ??= read();
  return list;
}

function read(): Choice[] {
  const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });
  const codes = letters.flatMap((first) => letters.map((second) => first + second)).filter((code) => !none.has(code));
  // Codes that are not in use any more are names of the country that came after.
  const found = new Set(codes.flatMap((code) => names.of(code) ?? []));
  return [...found].sort((a, b) => a.localeCompare(b, "en")).map((name) => ({ value: name, label: name }));
}
