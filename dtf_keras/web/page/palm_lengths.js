/**
 * The measure in which models read hands: palm lengths, from the hand's own root.
 *
 * It repeats dtf_keras/landmarks/palm_lengths.py, which says why; a test compares the
 * two. A hand is 42 numbers, x and y of each of the 21 points; NaN where one was not
 * seen.
 */

import { KNUCKLES, NUM_POINTS, WRIST } from "./points.js";

const MEMORY = 4.0; // seconds whose median is the measure
const SETTLING = 1.0; // seconds of a new hand after which its measure is known
const BREADTH = 1.35; // how much longer a palm is than its knuckles are broad

/** Points of one hand, frame by frame, in palm lengths. */
export class PalmMeasure {
  #memory;
  #settling;
  #palms = []; // [number of the frame, length]
  #waiting = []; // frames of a hand whose measure is not known yet
  #count = 0;
  #since = null; // number of the first frame of this hand
  #wrist = null; // of the frame before, as it came
  #place = [0, 0]; // of the wrist, in palm lengths

  constructor(frameRate) {
    this.#memory = Math.round(MEMORY * frameRate);
    this.#settling = Math.round(SETTLING * frameRate);
  }

  /**
   * Takes the next frame.
   *
   * @param {ArrayLike<number>} points 42 numbers in one unit, as long to the right as
   *   down. Without the wrist the hand was not seen.
   * @returns {Float32Array[]} the frames that are settled by it: none while a new hand
   *   settles, then all that waited, then one a frame.
   */
  push(points) {
    const number = this.#count++;
    while (this.#palms.length && this.#palms[0][0] <= number - this.#memory) {
      this.#palms.shift();
    }
    if (hasHand(points)) {
      if (!this.#palms.length) this.#since = number;
      this.#palms.push([number, palmLength(points)]);
    }
    this.#waiting.push(Float64Array.from(points));
    if (this.#palms.length && number < this.#since + this.#settling - 1) return [];
    return this.flush();
  }

  /** The frames that wait, at the end of a clip; as `push`. */
  flush() {
    const waiting = this.#waiting;
    this.#waiting = [];
    const lengths = this.#palms.map(([, length]) => length).filter((x) => x > 0);
    const scale = lengths.length ? median(lengths) : 1.0;
    return waiting.map((points) => this.#measured(points, scale));
  }

  #measured(points, scale) {
    const wrist = [points[2 * WRIST], points[2 * WRIST + 1]];
    if (!hasHand(points)) {
      this.#wrist = null;
      return noHand(Float32Array);
    }
    if (this.#wrist !== null) {
      const went = wrist.map((x, axis) => (x - this.#wrist[axis]) / scale);
      this.#place = this.#place.map((x, axis) => x + went[axis]);
    }
    this.#wrist = wrist;
    return Float32Array.from(
      points,
      (x, i) => (x - wrist[i % 2]) / scale + this.#place[i % 2],
    );
  }
}

/** Whether a frame shows a hand: whether its wrist was seen. */
export function hasHand(points) {
  return !Number.isNaN(points[2 * WRIST]) && !Number.isNaN(points[2 * WRIST + 1]);
}

/** A frame without a hand. */
export function noHand(Numbers = Float64Array) {
  return new Numbers(2 * NUM_POINTS).fill(NaN);
}

/** How long a palm looks, in the unit of its points; 0 without a knuckle. */
export function palmLength(points) {
  const seen = KNUCKLES.map((knuckle) => distance(points, knuckle, WRIST)).filter(
    (length) => !Number.isNaN(length),
  );
  const along = seen.reduce((sum, x) => sum + x, 0) / Math.max(seen.length, 1);
  const breadth = BREADTH * distance(points, KNUCKLES[0], KNUCKLES.at(-1));
  return Number.isNaN(breadth) ? along : Math.max(along, breadth);
}

/** How far one point is from another. */
export function distance(points, one, other) {
  return Math.hypot(
    points[2 * one] - points[2 * other],
    points[2 * one + 1] - points[2 * other + 1],
  );
}

function median(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}
