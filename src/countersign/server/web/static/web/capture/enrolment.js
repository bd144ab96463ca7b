// Enrolment: consent, pictures over the turn of the head, sentences read aloud. It goes on where it was left.

import { assertPossible } from "./devices.js";
import { Enough, kindOf } from "./failures.js";
import { Pictures } from "./pictures.js";
import { text } from "./text.js";
import { Viewfinder } from "./viewfinder.js";
import { Voices } from "./voices.js";

const STAGES = ["consent", "pictures", "voices", "done"];

export class Enrolment {
  #root; #screens; #api; #signer; #viewfinder; #enrolment = null;

  constructor({ root, screens, api, signer }) {
    this.#root = root;
    this.#screens = screens;
    this.#api = api;
    this.#signer = signer;
    this.#viewfinder = new Viewfinder(screens, api);
  }

  async run() {
    let allowed = false;
    for (;;) {
      try {
        assertPossible();
        this.#screens.waiting({ title: text("loading") });
        await this.#consent();
        this.#enrolment = await this.#api.post("/enrolments", { kind: this.#root.dataset.kind });
        if (!allowed) {
          this.#stage("pictures");
          this.#screens.show("explain");
          await this.#screens.pressed("allow");
          allowed = true;
        }
        await this.#take();
        await this.#complete();
        return;
      } catch (error) {
        this.#viewfinder.close();
        await this.#fail(error);
      }
    }
  }

  async #consent() {
    this.#stage("consent");
    const { version, text: wording, given_at: given } = await this.#api.get("/consent");
    if (given) return;
    const paragraphs = wording.split(/\n\s*\n/).map((each) => Object.assign(document.createElement("p"), { textContent: each }));
    this.#screens.find("[data-consent-text]").replaceChildren(...paragraphs);
    this.#screens.show("consent");
    const box = this.#screens.find("[data-consent-box]");
    const missing = this.#screens.find("[data-consent-missing]");
    for (;;) {
      await this.#screens.pressed("agree");
      missing.hidden = box.checked;
      box.toggleAttribute("aria-invalid", !box.checked);
      if (box.checked) break;
      box.setAttribute("aria-describedby", missing.id);
      box.focus();
    }
    await this.#api.post("/consent", { version });
  }

  async #take() {
    const shared = { screens: this.#screens, viewfinder: this.#viewfinder, send: (upload) => this.#send(upload) };
    try {
      this.#stage("pictures");
      await new Pictures(shared).run(() => this.#enrolment);
      this.#stage("voices");
      await new Voices(shared).run(() => this.#enrolment);
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    } finally {
      this.#viewfinder.close();
    }
  }

  /** Send one sample. Whether it is taken is told at once; the state of the whole enrolment comes with it. */
  async #send({ kind, slot, media, name }) {
    const { id, nonce } = this.#enrolment;
    const asked = this.#words(kind, slot);
    const upload = { purpose: `enrolment/${id}/${kind}/${slot}`, nonce, media, name };
    const progress = {
      onProgress: (part) => this.#screens.waiting(part < 1
        ? { title: text("sending"), sentence: text("sending.text", { percent: Math.round(100 * part) }), part }
        : { title: text("judging"), sentence: text("judging.text") }),
      onQueued: (seconds) => this.#screens.waiting({ title: text("queued"), sentence: text("queued.text", { seconds }) }),
    };
    const path = `/enrolments/${id}/${kind}s/${slot}`;
    const answer = await this.#signer.signed(upload, (form) => this.#api.upload(path, form, progress));
    this.#enrolment = answer.enrolment ?? await this.#api.get(`/enrolments/${id}`);
    if (answer.accepted) {
      this.#screens.say(text("accepted.one"));
      this.#root.toggleAttribute("data-enough", this.#root.dataset.kind === "add");  // one is enough to add
      return true;
    }
    const now = this.#words(kind, slot);
    await this.#screens.problem({
      title: text("not_taken.title"),
      sentence: text("not_taken.text"),
      advice: answer.advice,
      words: now === asked ? "" : now,
    });
    return false;
  }

  /** What is to be read for a slot, at the moment: words that are not understood are replaced. */
  #words(kind, slot) {
    return kind === "voice" ? this.#enrolment.voices.find((each) => each.slot === slot).text : "";
  }

  async #complete() {
    this.#screens.waiting({ title: text("finishing"), sentence: text("finishing.text") });
    await this.#api.post(`/enrolments/${this.#enrolment.id}/completion`);
    this.#stage("done");
    this.#screens.show("done");
    this.#screens.say(text("enrolled"));
  }

  #stage(now) {
    for (const item of this.#screens.find("[data-stages]").children) {
      const at = STAGES.indexOf(item.dataset.stage) - STAGES.indexOf(now);
      item.classList.toggle("past", at < 0 || now === "done");
      if (at === 0) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
  }

  async #fail(error) {
    if (error.code === "session.reauthentication_required") {
      window.location.assign(this.#root.dataset.reauthenticate);
      await new Promise(() => {});  // the page is left
    }
    let kind = kindOf(error);
    if (error.status === 404 || error.code?.startsWith?.("enrolment.")) kind = "lapsed";
    if (kind === "unknown") console.error(error);
    const seconds = error.retryAfter ?? 30;
    await this.#screens.problem({
      title: text(`${kind}.title`),
      sentence: text(`${kind}.text`, { seconds }),
      heldUp: kind === "held_up" ? seconds : 0,
    });
    if (kind === "signed_out") window.location.reload();
  }
}
