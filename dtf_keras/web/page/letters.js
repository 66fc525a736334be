/** The glosses that were read, on the page and for screen readers. */

const SHOWN = 400;
const SPOKEN = 40;

export class Letters {
  #list;
  #spoken;
  #newest = null; // {gloss, item}: it may still grow
  #pending = [];

  constructor(list, spoken) {
    this.#list = list;
    this.#spoken = spoken;
  }

  /** @param {import("./gloss_stream.js").GlossStream} stream what was just read. */
  show({ settled, pending }) {
    this.#pending.forEach((item) => item.remove());
    if (this.#newest) fill(this.#newest.item, this.#newest.gloss);
    for (const gloss of settled) {
      const item = this.#list.appendChild(fill(newItem(), gloss));
      this.#newest = { gloss, item };
      this.#spoken.append(newSpoken(gloss));
    }
    this.#pending = pending.map((gloss) => {
      const item = fill(newItem(), gloss);
      item.classList.add("pending");
      return this.#list.appendChild(item);
    });
    while (this.#list.children.length > SHOWN) this.#list.firstChild.remove();
    while (this.#spoken.children.length > SPOKEN) this.#spoken.firstChild.remove();
    if (settled.length || pending.length) {
      this.#list.scrollTop = this.#list.scrollHeight;
    }
  }

  clear() {
    this.#list.replaceChildren();
    this.#spoken.replaceChildren();
    this.#newest = null;
    this.#pending = [];
  }
}

function newItem() {
  const item = document.createElement("li");
  const bar = document.createElement("span");
  bar.className = "bar";
  bar.append(document.createElement("i"));
  item.append(document.createElement("b"), bar, document.createElement("small"));
  return item;
}

function fill(item, { gloss, confidence }) {
  const sure = `${Math.round(100 * confidence)}%`;
  const [name, , small] = item.children;
  name.textContent = gloss;
  small.textContent = sure;
  item.style.setProperty("--sure", sure);
  return item;
}

function newSpoken({ gloss }) {
  const one = document.createElement("span");
  one.textContent = `${gloss} `;
  return one;
}
