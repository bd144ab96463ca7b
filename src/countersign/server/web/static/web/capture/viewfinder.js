// The camera's picture with its outline, the level of the sound, the choice of devices, and guidance.

import { choiceOf, close, list, open, remember } from "./devices.js";
import { Failure } from "./failures.js";
import { Guidance } from "./guidance.js";
import { LevelMeter } from "./level.js";
import { Ring } from "./ring.js";
import { text } from "./text.js";

const SETTLED_MS = 1200;

export class Viewfinder {
  #screens; #guidance; #level; #stream = null; #picture = true; #settling = 0; #lost = () => {};

  constructor(screens, api) {
    this.#screens = screens;
    this.video = screens.find("[data-video]");
    this.ring = new Ring(screens.find("[data-viewfinder]"));
    this.reading = null;
    this.readAt = -Infinity;
    this.onReading = () => {};
    this.#level = new LevelMeter(screens.find("[data-level]"));
    this.#guidance = new Guidance(api, this.video, (reading, picture) => this.#heard(reading, picture));
    for (const name of ["camera", "microphone"]) {
      screens.find(`[data-${name}]`).addEventListener("change", () => this.#chosen());
    }
    window.addEventListener("pagehide", () => this.close());
  }

  get stream() { return this.#stream; }

  /** Ask for the devices and show them; `gone` is rejected when one of them is switched off. */
  async open({ picture = true } = {}) {
    if (this.#stream && this.#picture === picture) return;
    this.close();
    this.#picture = picture;
    this.#take(await open({ picture }));
    await this.#fillChoices();
  }

  /** Rejected with a Failure when camera or microphone go away; race it with what needs them. */
  gone() {
    return new Promise((_, reject) => { this.#lost = () => reject(new Failure("lost")); });
  }

  /** Begin to look at small pictures. */
  guide() {
    if (this.#picture) this.#guidance.start();
  }

  unguide() {
    this.#guidance.stop();
    clearTimeout(this.#settling);
  }

  tone() { this.#level.tone(); }

  /** The yaw of the head in degrees, positive to the person's left; null where it was not read just now. */
  get yaw() {
    return performance.now() - this.readAt < 1000 ? this.reading?.face?.yaw ?? null : null;
  }

  /** Words above or below the picture. */
  tell(sentence, { aloud = false } = {}) {
    const guide = this.#screens.find("[data-guide]");
    if (guide.textContent === sentence) return;
    guide.textContent = sentence;
    clearTimeout(this.#settling);
    if (aloud) this.#settling = setTimeout(() => this.#screens.say(sentence), SETTLED_MS);
  }

  close() {
    this.unguide();
    this.#level.stop();
    close(this.#stream);
    this.#stream = null;
    this.video.srcObject = null;
  }

  #take(stream) {
    this.#stream = stream;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.#stream === stream && this.#lost());
    if (this.#picture) {
      this.video.srcObject = stream;
      this.video.play().catch(() => {});  // shown as soon as there is a picture
    }
    this.#level.start(stream);
  }

  async #fillChoices() {
    const { cameras, microphones } = await list();
    const choice = choiceOf(this.#stream);
    for (const [name, devices] of [["camera", cameras], ["microphone", microphones]]) {
      const options = devices.map((device) => new Option(device.name, device.id, false, device.id === choice[name]));
      this.#screens.find(`[data-${name}]`).replaceChildren(...options);
    }
  }

  async #chosen() {
    const choice = {
      camera: this.#screens.find("[data-camera]").value,
      microphone: this.#screens.find("[data-microphone]").value,
    };
    remember(choice);
    const before = this.#stream;
    try {
      close(before);
      this.#take(await open({ choice, picture: this.#picture }));
    } catch {
      this.#lost();
    }
  }

  #heard(reading, picture) {
    this.reading = reading;
    if (reading !== null) this.readAt = performance.now();
    this.#screens.find("[data-outline]").classList.toggle("good", Boolean(reading?.face && !reading.advice.length));
    this.onReading(reading, picture);
  }

  /** What a reading asks for, as a sentence; null where all is well. */
  static wish(reading) {
    if (reading === null) return text("guide.hold");
    return reading.advice[0]?.text ?? (reading.face ? null : text("guide.none"));
  }
}
