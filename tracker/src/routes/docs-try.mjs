// The script of /docs, served as it is: fills in each route's curl line as its fields change, and sends the request.

/** Of a stream that doesn't end, the last of it is shown. */
const MAX_SHOWN = 64 * 1024;

const lease = document.querySelector("#lease");
const filter = document.querySelector("#filter");

/** The request the fields describe. */
function requestOf(form) {
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const input of form.querySelectorAll("input")) {
    const value = input.value;
    if (input.dataset.in === "path") {
      path = path.replace(`{${input.name}}`, value === "" ? `{${input.name}}` : encodeURIComponent(value));
    } else if (value !== "") query.append(input.name, value);
  }
  const body = form.querySelector("textarea")?.value;
  const headers = {};
  if (lease.value !== "") headers["Authorization"] = `Bearer ${lease.value}`;
  if (body) headers["Content-Type"] = "application/json";
  return {
    method: form.dataset.method,
    url: `${location.origin}${path}${query.size > 0 ? `?${query}` : ""}`,
    headers,
    body: body || undefined,
  };
}

/** For a shell: nothing in it is anything but text. */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function curlLine({ method, url, headers, body }) {
  const parts = ["curl", "-i"];
  if (method !== "GET") parts.push("-X", method);
  for (const [name, value] of Object.entries(headers)) parts.push("-H", quoted(`${name}: ${value}`));
  if (body !== undefined) parts.push("--data-raw", quoted(body));
  return [...parts, quoted(url)].join(" ");
}

async function send(form, signal) {
  const { url, ...init } = requestOf(form);
  const answer = form.querySelector(".answer");
  answer.hidden = false;
  answer.textContent = "…";
  const response = await fetch(url, { ...init, signal, redirect: "manual" });
  const head = [
    `${response.status} ${response.statusText}`,
    ...Array.from(response.headers, (h) => h.join(": ")),
  ];
  let text = "";
  const show = () => (answer.textContent = `${head.join("\n")}\n\n${text}`);
  show();
  if (response.body === null) return;
  for await (const part of chunksOf(response.body)) {
    text = (text + part).slice(-MAX_SHOWN);
    show();
  }
  if (/json/.test(response.headers.get("content-type") ?? "") && text.length < MAX_SHOWN) {
    text = JSON.stringify(JSON.parse(text), undefined, 2);
    show();
  }
}

async function* chunksOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

function connect(form) {
  const curl = form.querySelector(".curl");
  const stop = form.querySelector(".stop");
  const refresh = () => (curl.textContent = curlLine(requestOf(form)));
  form.addEventListener("input", refresh);
  lease.addEventListener("input", refresh);
  refresh();
  form.hidden = false;

  let running;
  stop.addEventListener("click", () => running?.abort());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running?.abort();
    const own = new AbortController();
    running = own;
    stop.hidden = false;
    try {
      await send(form, own.signal);
    } catch (error) {
      if (!own.signal.aborted) form.querySelector(".answer").textContent = String(error);
    } finally {
      if (running === own) stop.hidden = true;
    }
  });
}

for (const form of document.querySelectorAll("form")) connect(form);
document.querySelector("#tools").hidden = false;
filter.addEventListener("input", () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const operation of document.querySelectorAll(".operation")) {
    operation.hidden = !operation.querySelector("summary").textContent.toLowerCase().includes(wanted);
  }
});
