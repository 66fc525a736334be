/**
 * Of all hands in a picture the one that signs, and whether it is a left one.
 *
 * It repeats dtf_keras/landmarks/signing_hand.py, which says why; a test compares the
 * two.
 */

import { distance, palmLength } from "./palm_lengths.js";
import { NUM_POINTS } from "./points.js";

const MEMORY = 2.0; // seconds in which what was seen loses most of its weight
const LOST = 0.5; // seconds after which a hand that is not seen is another one
const NEAR = 1.5; // palm lengths that a hand moves from one picture to the next, and
const FAST = 12.0; // palm lengths a second
const PROVEN = 0.3; // seconds that a hand is seen before it takes another's place
const HIGHER = 1.5; // what a picture's height counts, beside a hand e times as large
const AHEAD = 0.35; // what another hand must be ahead, so that the choice is steady

/**
 * @typedef {Object} SeenHand one hand in one picture.
 * @property {Float64Array} points 42 numbers, pixels.
 * @property {number} right how surely it is a right one, from -1 (left) to 1.
 */

/** Chooses the hand that signs: the one that is held up and near the camera. */
export class SigningHand {
  #tracks = [];
  #chosen = null;

  /**
   * Takes what was seen in the next picture.
   *
   * @param {SeenHand[]} hands
   * @param {{width: number, height: number}} size of the picture, pixels.
   * @param {number} seconds when it was taken; times rise.
   * @returns {SeenHand | null} the hand that signs, and how surely it is a right one by
   *   all that was seen of it; null where it is not seen.
   */
  choose(hands, { height }, seconds) {
    this.#follow(hands, height, seconds);
    const now = this.#tracks.filter((track) => track.last === seconds);
    if (!this.#tracks.includes(this.#chosen)) {
      this.#chosen = now.reduce(
        (best, track) => (best && best.standing >= track.standing ? best : track),
        null,
      );
    }
    for (const track of now) {
      const proven = seconds - track.first >= PROVEN;
      if (proven && track.standing > this.#chosen.standing + AHEAD) {
        this.#chosen = track;
      }
    }
    if (this.#chosen?.last !== seconds) return null;
    const { points, right } = this.#chosen;
    return { points, right };
  }

  #follow(hands, height, seconds) {
    this.#tracks = this.#tracks.filter((track) => seconds - track.last <= LOST);
    const pairs = [];
    for (const hand of hands) {
      for (const track of this.#tracks) {
        const way = meanWay(hand.points, track.points);
        const reach = NEAR + FAST * (seconds - track.last);
        if (way <= reach * track.palm) pairs.push({ way, hand, track });
      }
    }
    const followed = new Set();
    pairs.sort((one, other) => one.way - other.way);
    for (const { hand, track } of pairs) {
      if (followed.has(hand) || track.last === seconds) continue;
      followed.add(hand);
      see(track, hand, height, seconds);
    }
    for (const hand of hands) {
      if (followed.has(hand)) continue;
      const palm = palmLength(hand.points);
      const standing = standingOf(hand.points, palm, height);
      this.#tracks.push({ ...hand, palm, standing, first: seconds, last: seconds });
    }
  }
}

/** The points of a right hand: those of a left one mirrored. */
export function asRightHand({ points, right }, width) {
  return right < 0 ? acrossFrom(points, width) : points;
}

/** Points with left and right of a picture exchanged. */
export function acrossFrom(points, width) {
  return points.map((x, i) => (i % 2 ? x : width - x));
}

function see(track, hand, height, seconds) {
  const kept = Math.exp(-(seconds - track.last) / MEMORY);
  track.points = hand.points;
  track.last = seconds;
  track.palm = palmLength(hand.points);
  const now = standingOf(hand.points, track.palm, height);
  track.standing = kept * track.standing + (1 - kept) * now;
  track.right = kept * track.right + hand.right;
}

function standingOf(points, palm, height) {
  return Math.log(Math.max(palm, 1e-6) / height) - (HIGHER * mean(points)[1]) / height;
}

function meanWay(points, others) {
  return distance([...mean(points), ...mean(others)], 0, 1);
}

function mean(points) {
  const sum = [0, 0];
  points.forEach((x, i) => (sum[i % 2] += x));
  return sum.map((x) => x / NUM_POINTS);
}
