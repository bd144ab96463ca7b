// The account page: lists from the API, and what a person may do with their own data.

import { Api } from "../capture/api.js";
import { kindOf } from "../capture/failures.js";
import { text } from "../capture/text.js";
import { drawProfile } from "./profile.js";

const root = document.getElementById("account");
const api = new Api(root.dataset.csrf);
const live = root.querySelector("[data-live]");
const date = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" });

function element(tag, { className = "", content = "", children = [] } = {}) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  made.append(...children);
  return made;
}

/** One line of a list: what it is, a smaller line below, and something at the end. */
function row(name, below, end = null) {
  const words = element("span", { className: "name", content: name, children: below ? [element("small", { content: below })] : [] });
  return element("li", { children: end ? [words, end] : [words] });
}

async function fill(source, rowsOf) {
  const section = root.querySelector(`[data-source="${source}"]`);
  const rows = section.querySelector("[data-rows]");
  section.setAttribute("aria-busy", "true");
  try {
    rows.replaceChildren(...await rowsOf(section));
  } catch (error) {
    if (kindOf(error) === "signed_out") window.location.reload();
    rows.replaceChildren(element("li", { className: "none", content: text("section.failed") }));
  }
  section.removeAttribute("aria-busy");
}

async function attempts() {
  const found = await api.get("/attempts");
  if (!found.length) return [element("li", { className: "none", content: text("attempt.none") })];
  return found.slice(0, 20).map(({ at, outcome, purpose, device }) => {
    const end = element("span", { className: outcome === "rejected" ? "refused" : "", content: text(`attempt.${outcome}`) });
    return row(date.format(new Date(at)), [text(`attempt.${purpose}`), device].filter(Boolean).join(" · "), end);
  });
}

async function devices() {
  const found = await api.get("/devices");
  if (!found.length) return [element("li", { className: "none", content: text("device.none") })];
  return found.map(({ id, name, created_at: since, last_used_at: used, current }) => {
    const remove = element("button", { className: "button quiet", content: text("device.remove", { name }) });
    remove.type = "button";
    remove.addEventListener("click", () => attempt(async () => {
      await api.delete(`/devices/${id}`);
      await fill("devices", devices);
      live.textContent = text("device.removed");
    }));
    const label = current ? `${name} (${text("device.this")})` : name;
    return row(label, used ? date.format(new Date(used)) : `${day.format(new Date(since))} · ${text("device.never")}`, remove);
  });
}

async function references(section) {
  const [found, consent] = await Promise.all([api.get("/references"), api.get("/consent")]);
  section.querySelector("[data-consent]").textContent = consent.given_at
    ? text("consent.given", { version: consent.version, date: day.format(new Date(consent.given_at)) })
    : text("consent.none");
  const profile = section.querySelector("[data-profile]");
  profile.hidden = true;
  section.querySelector("[data-add]").hidden = !found.length;
  if (!found.length) return [element("li", { className: "none", content: text("reference.none") })];
  if (found.some(({ modality }) => modality === "voice")) {
    const { samples } = await api.get("/references/voice-profile");
    profile.hidden = !drawProfile(profile.querySelector("[data-plots]"), samples);
  }
  return found.map(({ modality, created_at: made, samples }) => {
    const about = [day.format(new Date(made)), text("reference.samples", { count: samples.length }), detail(modality, samples)];
    return row(text(`reference.${modality}`), about.join(" · "));
  });
}

/** What of the samples' quality says something to a person. */
function detail(modality, samples) {
  const figures = (name) => samples.map(({ quality }) => quality[name] ?? 0);
  if (modality === "face") {
    const apart = figures("inter_eye_px").map(Math.round);
    return text("reference.face.detail", { low: Math.min(...apart), high: Math.max(...apart) });
  }
  const seconds = figures("speech_s").reduce((sum, each) => sum + each, 0);
  return text("reference.voice.detail", { seconds: Math.round(seconds), low: Math.round(Math.min(...figures("snr_db"))) });
}

/** Do it; where the server wants the person to prove themselves again, that comes first. */
async function attempt(deed) {
  try {
    await deed();
  } catch (error) {
    if (error.code === "session.reauthentication_required") window.location.assign(root.dataset.reauthenticate);
    else if (kindOf(error) === "signed_out") window.location.reload();
    else await ask({ title: text(`${kindOf(error)}.title`), sentence: text(`${kindOf(error)}.text`, { seconds: error.retryAfter ?? 30 }) });
  }
}

/** A question before what cannot be undone; resolves to whether the person said yes. */
function ask({ title, sentence, yes = null }) {
  const dialog = root.querySelector("[data-dialog]");
  dialog.querySelector("[data-dialog-title]").textContent = title;
  dialog.querySelector("[data-dialog-text]").textContent = sentence;
  const button = dialog.querySelector("[data-dialog-yes]");
  button.hidden = yes === null;
  button.textContent = yes ?? "";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const DEEDS = {
  async export() {
    const everything = await api.get("/export");
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(everything, null, 2)], { type: "application/json" }));
    link.download = "countersign.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  },
  async erase() {
    await api.delete("/references");
    await fill("references", references);
    live.textContent = text("erased");
  },
  async withdraw() {
    await api.delete("/consent");
    await fill("references", references);
    live.textContent = text("withdrawn");
  },
  async delete() {
    await api.delete("/account");
    window.location.assign(root.dataset.start);
  },
};

for (const button of root.querySelectorAll("[data-do]")) {
  const name = button.dataset.do;
  button.addEventListener("click", async () => {
    const question = { title: button.textContent, sentence: text(`ask.${name}`), yes: button.textContent };
    if (name === "export" || await ask(question)) await attempt(DEEDS[name]);
  });
}

await Promise.all([fill("references", references), fill("attempts", attempts), fill("devices", devices)]);
