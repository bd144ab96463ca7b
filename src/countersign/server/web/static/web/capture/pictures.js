// Pictures over the turn of the head: each is taken by itself when the pose is right, or by the button.

import { Enough } from "./failures.js";
import { asJpeg, snapshot } from "./recorder.js";
import { approved } from "./review.js";
import { hasText, text } from "./text.js";
import { Viewfinder } from "./viewfinder.js";

const READINGS_TO_HOLD = 2;

export class Pictures {
  #screens; #viewfinder; #send;

  constructor({ screens, viewfinder, send }) {
    this.#screens = screens;
    this.#viewfinder = viewfinder;
    this.#send = send;
  }

  /** Take all that are still wanted. @param {() => object} enrolment as it is now */
  async run(enrolment) {
    for (;;) {
      const { pictures } = enrolment();
      const slot = pictures.find((each) => each.state !== "accepted");
      if (!slot) break;
      const picture = await approved({
        screens: this.#screens,
        title: numbered(slot, pictures),
        shownIn: "[data-review-picture]",
        taken: text("picture.taken"),
        take: () => this.#taken(slot, pictures),
      });
      await this.#send({ kind: "picture", slot: slot.slot, media: picture, name: "picture.jpg" });
    }
    this.#viewfinder.onReading = () => {};
  }

  async #taken(slot, pictures) {
    const { ring, video } = this.#viewfinder;
    const [low, high] = slot.yaw_deg;
    const middle = (low + high) / 2;
    const side = middle >= 0 ? "left" : "right";
    await this.#viewfinder.open();
    this.#screens.find("[data-camera-title]").textContent = numbered(slot, pictures);
    this.#screens.show("camera");
    this.#screens.button("take").textContent = text("picture.take");
    const wanted = poseText(slot);
    ring.clear();
    ring.want(Math.abs(middle) < 8 ? null : side);
    this.#viewfinder.tell(wanted);
    this.#screens.call(wanted);
    const posed = this.#posed({ low, high, middle, side, wanted });
    this.#viewfinder.guide();
    const byHand = this.#screens.pressed("take", "finish").then((action) => {
      if (action === "finish") throw new Enough();
      return snapshot(video);
    });
    const picture = await Promise.race([byHand, posed, this.#viewfinder.gone()]);
    this.#viewfinder.unguide();
    this.#viewfinder.tone();
    return asJpeg(picture);
  }

  /** The picture in which the head was where it is wanted, for the second reading on end: the one that was looked at. */
  #posed({ low, high, middle, side, wanted }) {
    return new Promise((resolve) => {
      let held = 0;
      this.#viewfinder.onReading = (reading, picture) => {
        const yaw = reading?.face?.yaw;
        const there = yaw !== undefined && yaw >= low && yaw <= high;
        if (yaw !== undefined && Math.abs(middle) >= 8) this.#viewfinder.ring.progress(side, there ? 1 : yaw / middle);
        held = there && !reading.advice.length ? held + 1 : 0;
        const wish = reading?.face && !there ? wanted : reading && Viewfinder.wish(reading);
        this.#viewfinder.tell(held ? text("picture.hold") : wish ?? wanted, { aloud: true });
        if (held >= READINGS_TO_HOLD) resolve(picture);
      };
    });
  }
}

function numbered(slot, pictures) {
  return text("picture.number", { number: pictures.indexOf(slot) + 1, count: pictures.length });
}

/** What to do, by the pose's name, or by its angle where the name is new to this page. */
export function poseText({ pose, yaw_deg: [low, high] }) {
  if (hasText(`pose.${pose}`)) return text(`pose.${pose}`);
  const middle = (low + high) / 2;
  if (Math.abs(middle) < 8) return text("pose.front");
  const far = Math.abs(middle) < 25 ? "slightly" : Math.abs(middle) < 45 ? "half" : "far";
  return text(`pose.${far}_${middle > 0 ? "left" : "right"}`);
}
