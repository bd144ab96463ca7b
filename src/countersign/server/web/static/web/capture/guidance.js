// Live guidance: small pictures to the server, one at a time, two or three a second. Nothing of them is kept there.

import { Problem, sleep } from "./api.js";
import { asJpeg, snapshot } from "./recorder.js";

const WIDTH = 320;
const EVERY_MS = 380;
const AFTER_REFUSAL_MS = 2500;

export class Guidance {
  #api; #video; #onReading; #running = null;

  /**
   * @param {(reading: {face: object | null, advice: object[]} | null, picture: HTMLCanvasElement | null) => void} onReading
   *   what the server said, null for nothing; and, in the camera's own size, the picture that it said it of
   */
  constructor(api, video, onReading) {
    this.#api = api;
    this.#video = video;
    this.#onReading = onReading;
  }

  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#loop(this.#running.signal).catch(() => {});
  }

  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  async #loop(signal) {
    while (!signal.aborted) {
      const began = performance.now();
      let pause = EVERY_MS;
      try {
        if (this.#video.videoWidth && !document.hidden) {
          const picture = snapshot(this.#video);
          const jpeg = await asJpeg(snapshot(picture, WIDTH), 0.7);
          const reading = await this.#api.postPicture("/guidance", jpeg, signal);
          if (!signal.aborted) this.#onReading(reading, picture);
        }
      } catch (error) {
        if (signal.aborted) return;
        this.#onReading(null, null);  // guidance helps, and nothing waits for it
        pause = error instanceof Problem && error.retryAfter !== null ? 1000 * error.retryAfter : AFTER_REFUSAL_MS;
      }
      await sleep(Math.max(60, pause - (performance.now() - began)), signal);
    }
  }
}
