/** Whether a URL leads to the machine it is opened on, whichever that is. */
export function isLoopbackUrl(url: string): boolean {
  return /^https?:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/i.test(url);
}
