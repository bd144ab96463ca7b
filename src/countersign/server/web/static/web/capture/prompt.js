// What the person is told while the recording runs: which way to turn, then the words, or the other way round.

import { sleep } from "./api.js";
import { text } from "./text.js";

const LEAD_S = 0.5;
const TAIL_S = 0.5;
const WORD_S = { words: 0.95, digits: 0.75 };
const SPARE_S = 0.7;

/**
 * How long each part may take, so that all of it fits into what the server accepts.
 *
 * @param {{mode: string, words: string[], longest_s: number}} challenge
 * @returns {{word: number, legs: number[]}} seconds: for each word, and at most for the three legs of the turn
 */
export function paceOf({ mode, words, longest_s: longest }) {
  const wanted = WORD_S[mode] ?? WORD_S.words;
  const word = Math.min(wanted, (longest - SPARE_S - LEAD_S - TAIL_S - 3) / words.length);
  const left = longest - SPARE_S - LEAD_S - TAIL_S - word * words.length;
  const unit = Math.min(2.4, Math.max(1, left / 2.6));
  return { word, legs: [unit, 1.15 * unit, 0.45 * unit] };
}

export class Prompt {
  #screens; #viewfinder;

  constructor(screens, viewfinder) {
    this.#screens = screens;
    this.#viewfinder = viewfinder;
  }

  async countdown(seconds = 3) {
    const count = this.#screens.find("[data-count]");
    this.#screens.call(text("starting.text"));
    count.hidden = false;
    for (let left = seconds; left > 0; left -= 1) {
      count.textContent = String(left);
      await sleep(800);
    }
    count.hidden = true;
  }

  /** Lead the person through a challenge. */
  async perform(challenge) {
    const pace = paceOf(challenge);
    const parts = [() => this.#turn(challenge.turn, pace.legs), () => this.#read(challenge.words, pace.word)];
    if (challenge.turn.order === "after_words") parts.reverse();
    for (const part of parts) await part();
    this.#cue(null);
  }

  async #turn({ first, extent_deg: extent }, longest) {
    const { ring } = this.#viewfinder;
    const second = first === "left" ? "right" : "left";
    ring.clear();
    for (const [at, side] of [first, second].entries()) {
      this.#cue(text(`turn.${side}`), { side });
      ring.want(side);
      await this.#until((yaw) => (side === "left" ? yaw : -yaw) / extent, longest[at], (part) => ring.progress(side, part));
      ring.reached(side);
    }
    ring.want(null);
    this.#cue(text("turn.back"));
    await this.#until((yaw) => (Math.abs(yaw) < 10 ? 1 : 0), longest[2]);
  }

  /** Until the head is there, as far as the server tells; by the clock where it does not. */
  async #until(partOf, longest, onPart = () => {}) {
    const began = performance.now();
    for (;;) {
      await sleep(50);
      const passed = (performance.now() - began) / 1000;
      const yaw = this.#viewfinder.yaw;
      const part = yaw === null ? passed / longest : Math.max(0, partOf(yaw));
      onPart(Math.min(part, 1));
      if (passed >= longest || (part >= 1 && passed >= 0.5 * Math.min(1, longest))) return;
    }
  }

  async #read(words, pace) {
    this.#cue(text("read"));
    await sleep(1000 * LEAD_S);
    for (const word of words) {
      this.#cue(word, { word: true });
      await sleep(1000 * pace);
    }
    this.#cue(null);
    await sleep(1000 * TAIL_S);
  }

  #cue(sentence, { side = null, word = false } = {}) {
    const cue = this.#screens.find("[data-cue]");
    cue.hidden = sentence === null;
    cue.textContent = sentence ?? "";
    cue.classList.toggle("word", word);
    cue.dataset.side = side ?? "";
    if (sentence !== null) this.#screens.call(sentence);
  }
}
