interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

/**
 * Lets this page or worker start these scripts, of ours: whatever else asks for one is refused. To be called once in
 * each, since the policy's name can be given once.
 */
export function trustedScriptUrls<const Urls extends readonly string[]>(scriptUrls: Urls): Urls {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return scriptUrls;
  const policy = trustedTypes.createPolicy("panal", {
    createScriptURL(url) {
      if (!scriptUrls.includes(url)) throw new TypeError(`not a script of this app: ${url}`);
      return url;
    },
  });
  return scriptUrls.map((url) => policy.createScriptURL(url)) as readonly string[] as Urls;
}
