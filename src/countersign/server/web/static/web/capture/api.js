// Requests to /api/v1/. Whatever is not 2xx becomes a Problem (RFC 9457).

const BASE = "/api/v1";
const MOST_RETRIES = 4;

/** What the server, or the way to it, said no with. `code` is stable; "offline" is ours. */
export class Problem extends Error {
  constructor({ status = 0, code = "unknown", detail = "", retryAfter = null }) {
    super(`${status} ${code}`);
    Object.assign(this, { status, code, detail, retryAfter });
  }
}

/** Waits, unless the signal ends it. */
export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(done, milliseconds);
    function done() { signal?.removeEventListener("abort", stop); resolve(); }
    function stop() { clearTimeout(timer); reject(signal.reason); }
    signal?.addEventListener("abort", stop, { once: true });
  });
}

export class Api {
  #csrf;

  constructor(csrf) { this.#csrf = csrf; }

  get(path, signal) { return this.#ask("GET", path, { signal }); }
  delete(path) { return this.#ask("DELETE", path, {}); }
  post(path, body = {}) {
    return this.#ask("POST", path, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  }
  postPicture(path, jpeg, signal) {
    return this.#ask("POST", path, { body: jpeg, signal, headers: { "Content-Type": "image/jpeg" } });
  }

  async #ask(method, path, { body, headers = {}, signal }) {
    let answer;
    try {
      answer = await fetch(BASE + path, {
        method, body, signal, credentials: "same-origin", redirect: "error",
        headers: { Accept: "application/json", "X-CSRFToken": this.#csrf, ...headers },
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem({ code: "offline" });
    }
    const content = await answer.text();
    return understood(answer.status, content, answer.headers.get("Retry-After"));
  }

  /**
   * Send a form with progress. When the server is busy it has burnt nothing: the same form goes again when it says so.
   *
   * @param {(part: number) => void} onProgress part sent, 0 to 1
   * @param {(seconds: number) => void} onQueued how long until the next try
   */
  async upload(path, form, { onProgress, onQueued }) {
    for (let retries = 0; ; retries += 1) {
      try {
        return await this.#send(path, form, onProgress);
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 503 || retries >= MOST_RETRIES) throw error;
        for (let left = Math.min(error.retryAfter ?? 2, 30); left > 0; left -= 1) {
          onQueued(left);
          await sleep(1000);
        }
      }
    }
  }

  #send(path, form, onProgress) {  // XMLHttpRequest, because fetch does not tell how far an upload is
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", BASE + path);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", this.#csrf);
      request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.upload.onload = () => onProgress(1);
      request.onerror = request.ontimeout = () => reject(new Problem({ code: "offline" }));
      request.onload = () => {
        try {
          resolve(understood(request.status, request.responseText, request.getResponseHeader("Retry-After")));
        } catch (error) {
          reject(error);
        }
      };
      request.timeout = 120_000;
      request.send(form);
    });
  }
}

function understood(status, content, retryAfter) {
  let body = null;
  try {
    body = content ? JSON.parse(content) : null;
  } catch {
    // a proxy's own page: its status says enough
  }
  if (status >= 200 && status < 300) return body;
  const seconds = Number.parseInt(retryAfter ?? "", 10);
  throw new Problem({
    status, code: body?.code, detail: body?.detail, retryAfter: Number.isFinite(seconds) ? seconds : null,
  });
}
