/** Lets the browser save what the service worker answers at this URL: a frame that nobody sees, so that this page stays. */
export function saveUrl(url: string): () => void {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = url;
  document.body.append(frame);
  return () => frame.remove();
}
