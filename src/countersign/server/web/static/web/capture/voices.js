// Sentences read aloud, each listened to before it is sent.

import { sleep } from "./api.js";
import { Enough } from "./failures.js";
import { fileName, Recorder } from "./recorder.js";
import { approved } from "./review.js";
import { text } from "./text.js";

const LONGEST_MS = 15_000;

export class Voices {
  #screens; #viewfinder; #send;

  constructor({ screens, viewfinder, send }) {
    this.#screens = screens;
    this.#viewfinder = viewfinder;
    this.#send = send;
  }

  async run(enrolment) {
    const wanted = () => enrolment().voices.find((each) => each.state !== "accepted");
    if (!wanted()) return;
    this.#mode(true);
    try {
      for (let slot = wanted(); slot; slot = wanted()) {
        const sound = await this.#approved(slot, enrolment().voices);
        await this.#send({ kind: "voice", slot: slot.slot, media: sound, name: fileName(sound.type) });
      }
    } finally {
      this.#mode(false);
    }
  }

  #mode(on) {
    this.#screens.find("[data-viewfinder]").hidden = on;
    this.#screens.find("[data-sentence]").hidden = !on;
    this.#screens.find("[data-review-sentence]").hidden = !on;
  }

  #approved(slot, voices) {
    const title = text("voice.number", { number: voices.indexOf(slot) + 1, count: voices.length });
    this.#screens.find("[data-sentence]").textContent = slot.text;
    this.#screens.find("[data-review-sentence]").textContent = slot.text;
    return approved({
      screens: this.#screens,
      title,
      shownIn: "[data-review-sound]",
      taken: text("voice.taken"),
      take: () => this.#taken(title, slot),
    });
  }

  async #taken(title, slot) {
    await this.#viewfinder.open({ picture: false });
    this.#screens.find("[data-camera-title]").textContent = title;
    this.#screens.show("camera");
    const button = this.#screens.button("take");
    const gone = this.#viewfinder.gone();
    button.textContent = text("voice.record");
    this.#viewfinder.tell(text("voice.ready"));
    this.#screens.call(`${text("voice.ready")} ${slot.text}`);
    if (await Promise.race([this.#screens.pressed("take", "finish"), gone]) === "finish") throw new Enough();
    const recorder = new Recorder(this.#viewfinder.stream, { picture: false });
    try {
      await recorder.start();
      button.textContent = text("voice.stop");
      button.classList.add("active");
      this.#viewfinder.tell(text("voice.read"));
      await Promise.race([this.#screens.pressed("take"), sleep(LONGEST_MS), gone]);
      return await recorder.stop();
    } catch (error) {
      recorder.abandon();
      throw error;
    } finally {
      button.classList.remove("active");
    }
  }
}
