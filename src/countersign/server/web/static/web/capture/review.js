// What was taken is seen or heard before it is sent, and taken again as often as the person likes.

/**
 * Take until the person wants to use it.
 * @param {string} shownIn selector of the element that shows or plays it
 * @param {string} taken what screen readers say of it
 * @param {() => Promise<Blob>} take
 */
export async function approved({ screens, title, shownIn, taken, take }) {
  const element = screens.find(shownIn);
  for (;;) {
    const sample = await take();
    const address = URL.createObjectURL(sample);
    screens.find("[data-review-title]").textContent = title;
    element.src = address;
    element.hidden = false;
    screens.show("review");
    screens.say(taken);
    const choice = await screens.pressed("use", "retake");
    element.hidden = true;
    element.removeAttribute("src");
    URL.revokeObjectURL(address);
    if (choice === "use") return sample;
  }
}
