// One screen at a time, with the focus where it belongs, and what screen readers hear.

import { text } from "./text.js";

export class Screens {
  #root; #live; #alert; #listening = null;

  constructor(root) {
    this.#root = root;
    this.#live = root.querySelector("[data-live]");
    this.#alert = root.querySelector("[data-alert]");
  }

  find(selector) { return this.#root.querySelector(selector); }

  /** Show one screen and go to its heading. */
  show(name) {
    for (const screen of this.#root.querySelectorAll("[data-screen]")) screen.hidden = screen.dataset.screen !== name;
    const before = this.#root.dataset.now;
    this.#root.dataset.now = name;
    if (before !== undefined && before !== name) {
      this.find(`[data-screen="${name}"] h2`)?.focus({ preventScroll: true });
      if (this.#root.getBoundingClientRect().top < 0) this.#root.scrollIntoView({ block: "start" });
    }
  }

  /** Said when the screen reader has time. */
  say(sentence) { this.#live.textContent = sentence; }

  /** Said at once. */
  call(sentence) { this.#alert.textContent = sentence; }

  /** The next of these actions that the person chooses. Whoever asked before is not answered any more. */
  pressed(...actions) {
    this.#listening?.abort();
    const listening = new AbortController();
    this.#listening = listening;
    return new Promise((resolve) => {
      const heard = (event) => {
        const action = event.target.closest?.("[data-action]")?.dataset.action;
        if (!actions.includes(action)) return;
        listening.abort();
        resolve(action);
      };
      this.#root.addEventListener("click", heard, { signal: listening.signal });
    });
  }

  button(action) { return this.find(`[data-screen]:not([hidden]) [data-action="${action}"]`); }

  /** Something is going on; `part` from 0 to 1 where it is known. */
  waiting({ title, sentence = "", part = null }) {
    const progress = this.find("[data-progress]");
    this.find("[data-waiting-title]").textContent = title;
    this.find("[data-waiting-text]").textContent = sentence;
    if (part === null) progress.removeAttribute("value");
    else progress.value = part;
    if (this.#root.dataset.now !== "waiting") this.show("waiting");
  }

  /** Something went wrong; resolves when the person wants to go on. `words` are what is to be read from now on. */
  async problem({ title, sentence, advice = [], words = "", heldUp = 0 }) {
    const list = this.find("[data-problem-advice]");
    this.find("[data-problem-title]").textContent = title;
    this.find("[data-problem-text]").textContent = sentence;
    list.replaceChildren(...advice.map((each) => Object.assign(document.createElement("li"), { textContent: each.text })));
    list.hidden = !advice.length;
    this.find("[data-problem-words]").textContent = words;
    this.find("[data-problem-words]").hidden = !words;
    this.show("problem");
    this.call([title, sentence, ...advice.map((each) => each.text), words].join(" "));
    if (heldUp) await this.#holdUp(heldUp);
    await this.pressed("again");
  }

  async #holdUp(seconds) {
    const again = this.button("again");
    again.disabled = true;
    for (let left = seconds; left > 0; left -= 1) {
      this.find("[data-problem-text]").textContent = text("held_up.text", { seconds: left });
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
    again.disabled = false;
    this.say(again.textContent);
  }
}
