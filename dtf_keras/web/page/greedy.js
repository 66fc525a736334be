/**
 * Glosses off the logits, step by step: the best class of each, repeats merged, blanks
 * dropped, as `dtf_keras.decoding.greedy_spans` does.
 */

const BLANK = 0;

/** @typedef {{id: number, start: number, stop: number, probability: number}} Span */

export class Greedy {
  #steps = 0;
  #span = null; // the gloss that goes on
  #sum = 0; // of its probabilities

  /**
   * Takes the next step.
   *
   * @param {Float32Array} logits of each class.
   * @returns {Span | null} a gloss, when its first step came; it grows with the steps
   *   that follow.
   */
  push(logits) {
    const { best, probability } = mostLikely(logits);
    const step = this.#steps++;
    const goesOn = this.#span?.id === best;
    if (!goesOn) {
      this.#sum = 0;
      this.#span =
        best === BLANK ? null : { id: best, start: step, stop: step, probability: 0 };
    }
    if (!this.#span) return null;
    this.#sum += probability;
    this.#span.stop = step + 1;
    this.#span.probability = this.#sum / (this.#span.stop - this.#span.start);
    return goesOn ? null : this.#span;
  }

  /** What is read from here on if these steps follow: a copy, to be thrown away. */
  fork() {
    const copy = new Greedy();
    copy.#steps = this.#steps;
    copy.#span = this.#span && { ...this.#span };
    copy.#sum = this.#sum;
    return copy;
  }
}

/** The best class of a step, and its probability. */
export function mostLikely(logits) {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if (logits[id] > logits[best]) best = id;
  const sum = logits.reduce((total, x) => total + Math.exp(x - logits[best]), 0);
  return { best, probability: 1 / sum };
}
