// The sentences of web/script_text.py, in the language of the page.

const sentences = JSON.parse(document.getElementById("script-text")?.textContent ?? "{}");

/** The sentence of a key, with %(name)s filled in. A key without a sentence is shown as it is: tests look for that. */
export function text(key, values = {}) {
  const sentence = sentences[key] ?? key;
  return sentence.replace(/%\((\w+)\)s/g, (whole, name) => String(values[name] ?? whole));
}

/** Whether there is such a sentence. */
export function hasText(key) {
  return Object.hasOwn(sentences, key);
}
