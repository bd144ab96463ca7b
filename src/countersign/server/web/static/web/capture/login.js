// The login, and the confirmation by the same ceremony: one recording that answers one challenge.

import { assertPossible } from "./devices.js";
import { Failure, kindOf } from "./failures.js";
import { Prompt } from "./prompt.js";
import { fileName, Recorder } from "./recorder.js";
import { text } from "./text.js";
import { Viewfinder } from "./viewfinder.js";

export class Login {
  #root; #screens; #api; #signer; #viewfinder; #prompt;

  constructor({ root, screens, api, signer }) {
    this.#root = root;
    this.#screens = screens;
    this.#api = api;
    this.#signer = signer;
    this.#viewfinder = new Viewfinder(screens, api);
    this.#viewfinder.onReading = (reading) => {
      this.#viewfinder.tell(Viewfinder.wish(reading) ?? text("guide.good"), { aloud: true });
    };
    this.#prompt = new Prompt(screens, this.#viewfinder);
  }

  /** From the explanation to the page that comes after. */
  async run() {
    let allowed = false;
    for (;;) {
      try {
        if (!allowed) {
          assertPossible();
          this.#screens.show("explain");
          await this.#screens.pressed("allow");
          allowed = true;
        }
        const { challenge, media } = await this.#record();
        const answer = await this.#send(challenge, media);
        if (answer.outcome === "accepted") {
          this.#leave(answer);
          return;
        }
        await this.#explain(answer);
      } catch (error) {
        await this.#fail(error);
      }
    }
  }

  async #record() {
    const { purpose } = this.#root.dataset;
    this.#screens.waiting({ title: text("loading") });
    await this.#viewfinder.open();
    this.#viewfinder.ring.clear();
    this.#screens.show("camera");
    this.#viewfinder.guide();
    const start = this.#screens.button("start");
    let recorder = null;
    try {
      const gone = this.#viewfinder.gone();
      await Promise.race([this.#screens.pressed("start"), gone]);
      start.hidden = true;
      this.#root.dataset.busy = "";
      const challenge = await this.#api.post("/challenges", { purpose });
      recorder = new Recorder(this.#viewfinder.stream, { picture: true });
      await Promise.race([this.#prompt.countdown(), gone]);
      await recorder.start();
      this.#screens.find("[data-recording]").hidden = false;
      await Promise.race([this.#prompt.perform(challenge), gone]);
      return { challenge, media: await recorder.stop() };
    } catch (error) {
      recorder?.abandon();
      throw error;
    } finally {
      start.hidden = false;
      delete this.#root.dataset.busy;
      this.#screens.find("[data-recording]").hidden = true;
      this.#screens.find("[data-cue]").hidden = true;
      this.#viewfinder.close();
    }
  }

  async #send(challenge, media) {
    const upload = {
      purpose: `${this.#root.dataset.purpose}/${challenge.id}`,
      nonce: challenge.nonce,
      media,
      name: fileName(media.type),
      fields: { challenge: challenge.id },
    };
    for (;;) {
      try {
        return await this.#signer.signed(upload, (form) => this.#api.upload("/attempts", form, this.#progress()));
      } catch (error) {
        if (kindOf(error) !== "offline") throw error;
        await this.#fail(error);  // then the same recording goes again
      }
    }
  }

  #progress() {
    this.#screens.say(text("sending"));
    return {
      onProgress: (part) => {
        if (part < 1) {
          this.#screens.waiting({ title: text("sending"), sentence: text("sending.text", { percent: Math.round(100 * part) }), part });
        } else {
          this.#screens.waiting({ title: text("judging"), sentence: text("judging.text") });
          this.#screens.say(text("judging"));
        }
      },
      onQueued: (seconds) => this.#screens.waiting({ title: text("queued"), sentence: text("queued.text", { seconds }) }),
    };
  }

  /** Never a score, and never which of the checks it was. */
  async #explain({ outcome, advice = [], attempts_left: left, fallbacks = [] }) {
    document.querySelector("[data-fallback]")?.toggleAttribute("hidden", !fallbacks.length);
    const count = Number.isInteger(left) ? text("attempts.left", { count: left }) : "";
    const kind = outcome === "retry" ? "retry" : "rejected";
    await this.#screens.problem({
      title: text(`${kind}.title`),
      sentence: [text(`${kind}.text`), count].filter(Boolean).join(" "),
      advice: kind === "retry" ? advice : [],
    });
  }

  async #fail(error) {
    const kind = kindOf(error);
    if (kind === "unknown" && !(error instanceof Failure)) console.error(error);
    const seconds = error.retryAfter ?? 30;
    await this.#screens.problem({
      title: text(`${kind}.title`),
      sentence: text(`${kind}.text`, { seconds }),
      heldUp: kind === "held_up" ? seconds : 0,
    });
    if (kind === "signed_out" || kind === "unenrolled") window.location.reload();  // the server knows where to go
  }

  #leave({ next }) {
    this.#screens.show("done");
    this.#screens.say(text("accepted"));
    window.location.assign(sameOrigin(next ?? this.#root.dataset.next));
  }
}

/** Only ever a page of this site. */
export function sameOrigin(address) {
  const url = new URL(address || "/", window.location.origin);
  return url.origin === window.location.origin ? url.href : "/";
}
