// The voice profile: pitch, tone and cadence of each sample, drawn as SVG. Each drawing says in words what it shows.

import { text } from "../capture/text.js";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, BASE, TOP] = [200, 110, 30, 96, 8];

function shape(tag, attributes, content = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = content;
  return made;
}

/**
 * One plot. Each sample is a mark at `value`, and a span from `low` to `high` where there is one.
 *
 * @param {string} caption
 * @param {number} span the least difference that fills the height, so that little differences look little
 * @param {{value: number, low?: number, high?: number}[]} samples
 */
function plot(caption, samples, digits, span) {
  const all = samples.flatMap(({ value, low = value, high = value }) => [low, high]);
  const [lowest, highest] = [Math.min(...all), Math.max(...all)];
  const margin = 0.08 * (highest - lowest) + Math.max(0, span - (highest - lowest)) / 2;
  const [least, most] = [lowest - margin, highest + margin];
  const y = (value) => BASE - ((BASE - TOP) * (value - least)) / (most - least);
  const x = (at) => LEFT + 12 + (at * (WIDTH - LEFT - 24)) / Math.max(1, samples.length - 1);
  const drawing = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  drawing.append(shape("line", { class: "axis", x1: LEFT, y1: BASE, x2: WIDTH, y2: BASE }));
  for (const value of highest - lowest < span / 8 ? [lowest] : [lowest, highest]) {
    drawing.append(shape("text", { x: LEFT - 4, y: y(value) + 3, "text-anchor": "end" }, value.toFixed(digits)));
  }
  samples.forEach(({ value, low, high }, at) => {
    if (low !== undefined) drawing.append(shape("line", { class: "span", x1: x(at), y1: y(low), x2: x(at), y2: y(high) }));
    drawing.append(shape("circle", { class: "dot", cx: x(at), cy: y(value), r: 3.5 }));
  });
  const words = samples.map(({ value }, at) => text("profile.sample", { number: at + 1, value: value.toFixed(digits) }));
  drawing.setAttribute("aria-label", `${caption}. ${words.join(". ")}`);
  const figure = document.createElement("figure");
  const title = document.createElement("figcaption");
  title.textContent = caption;
  figure.append(title, drawing);
  return figure;
}

/** Draw all that is known. Whether there was anything. */
export function drawProfile(into, samples) {
  const pitch = samples.filter((each) => each.median_hz !== null)
    .map(({ median_hz: value, low_hz: low, high_hz: high }) => ({ value, low, high }));
  const tone = samples.map((each) => ({ value: each.tilt_db_per_octave }));
  const cadence = samples.map((each) => ({ value: each.syllables_per_s }));
  const plots = [["pitch", pitch, 0, 60], ["tone", tone, 1, 4], ["cadence", cadence, 1, 2]].filter(([, found]) => found.length);
  into.replaceChildren(...plots.map(([name, found, ...scale]) => plot(text(`profile.${name}`), found, ...scale)));
  return plots.length > 0;
}
