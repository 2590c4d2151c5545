interface TrustedScripts {
  createScriptURL(url: string): string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: TrustedScripts): TrustedScripts;
}

const ours = new Set<string>();
let policy: TrustedScripts | undefined;

/** Lets this page or worker start these scripts, of ours: whatever else asks for one is refused. */
export function trustedScriptUrls<const Urls extends readonly string[]>(scriptUrls: Urls): Urls {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return scriptUrls;
  for (const url of scriptUrls) ours.add(url);
  // Its name can be given once.
  policy ??= trustedTypes.createPolicy("panal", {
    createScriptURL(url) {
      if (!ours.has(url)) throw new TypeError(`not a script of this app: ${url}`);
      return url;
    },
  });
  const trusted = policy;
  return scriptUrls.map((url) => trusted.createScriptURL(url)) as readonly string[] as Urls;
}
