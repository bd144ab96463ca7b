// The device's key: ECDSA P-256, made in this browser, never extractable, one for each person who uses it.

import { Problem } from "./api.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const STORE = "keys";

export function base64url(bytes) {
  let binary = "";
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function hexadecimal(bytes) {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function database() {
  const opening = indexedDB.open("countersign", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  return settled(opening);
}

/** What this browser is called in the person's list of devices. */
export function deviceName() {
  const agent = navigator.userAgent;
  const browser = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["FxiOS/", "Firefox"], ["Chrome/", "Chrome"],
    ["CriOS/", "Chrome"], ["Safari/", "Safari"]].find(([mark]) => agent.includes(mark))?.[1] ?? "Browser";
  const system = [["iPhone", "iPhone"], ["iPad", "iPad"], ["Android", "Android"], ["Mac OS X", "macOS"], ["Windows", "Windows"],
    ["CrOS", "ChromeOS"], ["Linux", "Linux"]].find(([mark]) => agent.includes(mark))?.[1];
  return system ? `${browser}, ${system}` : browser;
}

export class Signer {
  #api; #account; #held = null;

  constructor(api, account) {
    this.#api = api;
    this.#account = account || "browser";
  }

  /**
   * The multipart form of one upload, signed: over the media's SHA-256, the purpose and the nonce.
   *
   * @param {{purpose: string, nonce: string, media: Blob, fields?: object, name: string}} upload
   */
  async form({ purpose, nonce, media, fields = {}, name }) {
    const { keys, device } = await this.#device();
    const digest = hexadecimal(await crypto.subtle.digest("SHA-256", await media.arrayBuffer()));
    const message = new TextEncoder().encode(`countersign-upload-v1\n${purpose}\n${nonce}\n${digest}`);
    const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, message);
    const form = new FormData();
    for (const [field, value] of Object.entries(fields)) form.append(field, value);
    form.append("device", device);
    form.append("signature", base64url(signature));
    form.append("media", media, name);
    return form;
  }

  /** Do something with a signed form; when the server does not know the device, register anew, once. */
  async signed(upload, send) {
    try {
      return await send(await this.form(upload));
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "device.unknown") throw error;
      await this.#register();
      return send(await this.form(upload));
    }
  }

  async #device() {
    this.#held ??= await this.#stored();
    if (this.#held === null) await this.#register();
    return this.#held;
  }

  async #stored() {
    try {
      const opened = await database();
      const found = await settled(opened.transaction(STORE).objectStore(STORE).get(this.#account));
      opened.close();
      return found ?? null;
    } catch {
      return null;  // private windows of some browsers: the key lasts as long as the page
    }
  }

  async #register() {
    const keys = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    const spki = await crypto.subtle.exportKey("spki", keys.publicKey);
    const { id } = await this.#api.post("/devices", { name: deviceName(), public_key: base64url(spki) });
    this.#held = { keys, device: id };
    try {
      const opened = await database();
      await settled(opened.transaction(STORE, "readwrite").objectStore(STORE).put(this.#held, this.#account));
      opened.close();
    } catch {
      // as above
    }
  }
}
