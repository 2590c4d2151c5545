interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

/**
 * Lets this page or worker start one script, of ours: whatever else asks for one is refused. To be called once in
 * each, since the policy's name can be given once.
 */
export function trustedScriptUrl(scriptUrl: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (trustedTypes === undefined) return scriptUrl;
  const policy = trustedTypes.createPolicy("panal", {
    createScriptURL(url) {
      if (url !== scriptUrl) throw new TypeError(`not a script of this app: ${url}`);
      return url;
    },
  });
  return policy.createScriptURL(scriptUrl);
}
