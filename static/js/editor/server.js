/* The way to the server: every answer becomes one of a few plain outcomes. Nothing here is ever thrown away silently. */
const PATIENCE = 15_000;

let freshToken = "";

export function token() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  if (cookie) return cookie.slice("csrftoken=".length);
  return freshToken || (document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
}

/* {outcome: "ok" | "unreachable" | "broken" | "signed-out" | "refused", status, data} */
export async function call(url, { json, form, keepalive = false, patience = PATIENCE } = {}) {
  const headers = { Accept: "application/json" };
  const options = { headers, credentials: "same-origin", keepalive, cache: "no-store", redirect: "manual" };
  if (json || form) {
    options.method = "POST";
    options.body = json ? JSON.stringify(json) : form;
    if (json) headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = token();
  }
  let response;
  try {
    response = await fetch(url, keepalive ? options : { ...options, signal: AbortSignal.timeout(patience) });
  } catch {
    return { outcome: "unreachable" };
  }
  const data = await read(response);
  if (response.ok) return data === null ? { outcome: "broken", status: response.status } : { outcome: "ok", data };
  if (response.status === 401 || response.type === "opaqueredirect") return { outcome: "signed-out" };
  if (response.status === 403 && !data?.code) return { outcome: "token" };
  if (response.status >= 500 || !data) return { outcome: "broken", status: response.status };
  return { outcome: "refused", status: response.status, data };
}

async function read(response) {
  if (!response.headers.get("Content-Type")?.includes("json")) return null;
  return response.json().catch(() => null);
}

/* Who is signed in now; also fetches a fresh token. Outcome as above, data.person. */
export async function session() {
  const answer = await call("/write/session/");
  if (answer.outcome === "ok") freshToken = answer.data.token;
  return answer;
}
