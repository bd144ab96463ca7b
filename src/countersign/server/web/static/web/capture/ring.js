// The ring around the face: how far the head has turned to each side. The picture is mirrored, so left is left.

export class Ring {
  #arcs;

  constructor(root) {
    this.#arcs = {
      left: root.querySelector('[data-arc="left"]'),
      right: root.querySelector('[data-arc="right"]'),
    };
    this.clear();
  }

  clear() {
    for (const arc of Object.values(this.#arcs)) {
      arc.classList.remove("wanted", "reached");
      fill(arc, 0);
    }
  }

  /** The side that is asked for now; null for none. */
  want(side) {
    for (const [name, arc] of Object.entries(this.#arcs)) arc.classList.toggle("wanted", name === side);
  }

  /** How much of the way to a side is done, 0 to 1. */
  progress(side, part) {
    const arc = this.#arcs[side];
    if (!arc.classList.contains("reached")) fill(arc, part);
  }

  reached(side) {
    fill(this.#arcs[side], 1);
    this.#arcs[side].classList.add("reached");
  }
}

function fill(arc, part) {
  const share = 100 * Math.min(1, Math.max(0, part));
  arc.setAttribute("stroke-dasharray", `${share.toFixed(1)} 200`);
  arc.toggleAttribute("data-empty", share < 0.5);
}
