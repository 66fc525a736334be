/**
 * Glosses of frames that come one by one: those that can no longer change, and those
 * that still may.
 *
 * A step of the model sees a bounded part of a clip. It is settled as soon as all of that
 * is there, and then equals the whole clip's; so only a short window is held and read.
 */

import { Greedy } from "./greedy.js";

const AT_ONCE = 64; // frames that are read in one go

/**
 * @typedef {Object} Gloss
 * @property {string} gloss
 * @property {number} start seconds from the first frame.
 * @property {number} end seconds.
 * @property {number} confidence mean probability of the gloss over its steps.
 */

export class GlossStream {
  #model;
  #frames = []; // of the window, whose first one is number `#from`
  #from = 0;
  #settled = 0; // steps
  #greedy = new Greedy();

  /** @param {import("./model.js").Model} model */
  constructor(model) {
    this.#model = model;
    /** @type {Gloss[]} those that came by the last call; each grows while it goes on. */
    this.settled = [];
    /** @type {Gloss[]} what would follow if the clip ended here. */
    this.pending = [];
    /** @type {Float32Array | null} probabilities of the classes at the newest step. */
    this.latest = null;
  }

  /** Frames that have come. */
  get count() {
    return this.#from + this.#frames.length;
  }

  /**
   * Takes the next frames.
   *
   * @param {Float32Array[]} frames 42 numbers each, palm lengths.
   */
  async push(frames) {
    this.settled = [];
    for (let start = 0; start < frames.length; start += AT_ONCE) {
      this.#frames.push(...frames.slice(start, start + AT_ONCE));
      const { after, stride } = this.#model.steps;
      const settled = Math.floor((this.count - 1 - after) / stride) + 1;
      if (settled > this.#settled) await this.#read(settled);
    }
  }

  /** No frame follows: all steps are settled. */
  async finish() {
    this.settled = [];
    if (this.#frames.length) await this.#read(Infinity);
  }

  async #read(below) {
    const { before, stride } = this.#model.steps;
    this.#forget(Math.floor((this.#settled * stride - before) / stride) * stride);
    const rows = await this.#model.logits(this.#frames);
    const first = this.#from / stride;
    const steps = first + rows.length;
    const end = Math.min(below, steps);
    for (; this.#settled < end; this.#settled++) {
      const span = this.#greedy.push(rows[this.#settled - first]);
      if (span) this.settled.push(this.#named(span));
    }
    const fork = this.#greedy.fork();
    this.pending = rows
      .slice(Math.max(0, end - first))
      .map((row) => fork.push(row))
      .filter((span) => span)
      .map((span) => this.#named(span));
    this.latest = rows.at(-1) ?? null;
  }

  #forget(number) {
    if (number <= this.#from) return;
    this.#frames.splice(0, number - this.#from);
    this.#from = number;
  }

  #named(span) {
    const { glosses, frameRate, steps } = this.#model;
    const seconds = (step) => (step * steps.stride) / frameRate;
    return {
      get gloss() {
        return glosses[span.id - 1];
      },
      get start() {
        return seconds(span.start);
      },
      get end() {
        return seconds(span.stop);
      },
      get confidence() {
        return span.probability;
      },
    };
  }
}
