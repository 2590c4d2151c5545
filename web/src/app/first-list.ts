/** What the first page asks the tracker for; as the client spells it, which a test holds. */
const FIRST_LIST_URL = "/api/v1/files?q=&sort=-mtime&limit=200";
/** As the client has it. */
const TIMEOUT_MS = 15_000;

let asked: { readonly url: string; readonly answer: Promise<Response> } | undefined;

/** Asks for the list that the plain first page shows, before the app is there that will want it. */
export function askForFirstList(
  { origin, pathname, search }: Pick<Location, "origin" | "pathname" | "search">,
  fetchFn: typeof fetch = (input, init) => fetch(input, init),
): void {
  if (pathname !== "/" || search !== "") return;
  const url = origin + FIRST_LIST_URL;
  const answer = fetchFn(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  // Whoever takes it is told.
  answer.catch(() => {});
  asked = { url, answer };
}

/** `fetch`, but the first one who wants that list gets what was asked for already. */
export const fetchOrFirstList: typeof fetch = (input, init) => {
  const { url, answer } = asked ?? {};
  if (answer === undefined || (input instanceof URL ? input.href : input) !== url) return fetch(input, init);
  asked = undefined;
  return answer;
};
