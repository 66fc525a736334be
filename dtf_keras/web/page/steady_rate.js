/**
 * Hands at a steady rate, from pictures that come when they come.
 *
 * It repeats `HandLandmarks.at_rate` of dtf_keras/landmarks picture by picture: a hand is
 * where the straight line between the two pictures around puts it, and missing where
 * none was seen for longer than is bridged.
 */

import { noHand } from "./palm_lengths.js";

const BRIDGED = 0.3; // seconds
const SAME = 1e-9; // seconds

export class SteadyRate {
  #rate;
  #first = null; // seconds of the first picture
  #now = 0; // seconds of the last one, from the first on, as all that follows
  #pictures = 0;
  #seen = []; // {time, points} around the time that is wanted next
  #given = 0; // frames

  constructor(frameRate) {
    this.#rate = frameRate;
  }

  /**
   * Takes the next picture.
   *
   * @param {ArrayLike<number> | null} points 42 numbers, or null where no hand is.
   * @param {number} seconds when it was taken, later than the one before.
   * @returns {Float64Array[]} the frames that are settled by it; 25 a second on average.
   */
  push(points, seconds) {
    this.#first ??= seconds;
    this.#now = seconds - this.#first;
    this.#pictures++;
    if (points) this.#seen.push({ time: this.#now, points });
    const frames = [];
    for (;;) {
      const frame = this.#frame(this.#given / this.#rate);
      if (frame === null) return frames;
      this.#given++;
      frames.push(frame);
    }
  }

  /** The frames up to the end, where no picture follows; as `push`. */
  finish() {
    const count = Math.max(1, Math.round((this.#now + this.#mean()) * this.#rate));
    const frames = [];
    for (; this.#given < count; this.#given++) {
      const wanted = Math.min(this.#given / this.#rate, this.#now);
      frames.push(this.#frame(wanted) ?? noHand());
    }
    return frames;
  }

  /** The frame at a time; null while that depends on pictures to come. */
  #frame(wanted) {
    if (wanted > this.#now + SAME) return null;
    const after = this.#seen.findIndex(({ time }) => time >= wanted - SAME);
    const before = this.#seen.findLastIndex(({ time }) => time <= wanted + SAME);
    if (before < 0) return noHand();
    if (before > 0) {
      // What follows is wanted no earlier.
      this.#seen.splice(0, before);
      return this.#frame(wanted);
    }
    const [start] = this.#seen;
    // Pictures that are farther apart than that are no gap, but a low rate.
    const bridged = Math.max(BRIDGED, 1.5 * this.#mean()) + SAME;
    if (after < 0) return this.#now - start.time > bridged ? noHand() : null;
    const end = this.#seen[after];
    const gap = end.time - start.time;
    if (gap > bridged) return noHand();
    const part = (wanted - start.time) / (gap > 0 ? gap : 1);
    return Float64Array.from(
      start.points,
      (x, i) => x + (end.points[i] - x) * part,
    );
  }

  #mean() {
    return this.#pictures > 1 ? this.#now / (this.#pictures - 1) : 0;
  }
}
