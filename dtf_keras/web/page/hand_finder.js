/** Hands found in pictures, by MediaPipe, in this browser. */

import { NUM_POINTS } from "./points.js";
import { SigningHand } from "./signing_hand.js";

const MOST_HANDS = 2;
const LARGEST = 960; // pixels of a side in which hands are looked for

export class HandFinder {
  #landmarker;
  #picture = document.createElement("canvas");
  #choice = new SigningHand();
  #last = -1;

  constructor(landmarker) {
    this.#landmarker = landmarker;
  }

  /**
   * @param {{vision: Object, loader: string, wasm: string, model: Uint8Array}} parts
   *   MediaPipe's module, the addresses of its loader and program, and the hand model.
   */
  static async open({ vision, loader, wasm, model }) {
    const landmarker = await vision.HandLandmarker.createFromOptions(
      { wasmLoaderPath: loader, wasmBinaryPath: wasm },
      {
        baseOptions: { modelAssetBuffer: model, delegate: "CPU" },
        runningMode: "VIDEO",
        numHands: MOST_HANDS,
      },
    );
    return new HandFinder(landmarker);
  }

  /** Another video begins. */
  restart() {
    this.#choice = new SigningHand();
  }

  /**
   * The hand that signs in the next picture.
   *
   * @param {HTMLVideoElement} video
   * @param {number} seconds when the picture was taken, later than the one before.
   * @param {boolean} mirrored whether it shows left and right exchanged.
   * @returns {import("./signing_hand.js").SeenHand | null} in the video's pixels, not
   *   mirrored.
   */
  find(video, seconds, mirrored) {
    const { videoWidth: width, videoHeight: height } = video;
    const scale = this.#draw(video, width, height, mirrored);
    // MediaPipe's own times go on from one video to the next.
    this.#last = Math.max(this.#last + 1, Math.round(1000 * seconds));
    const found = this.#landmarker.detectForVideo(this.#picture, this.#last);
    const side = this.#picture.width;
    const hands = found.landmarks.map((points, i) => ({
      points: pixels(points, side / scale),
      right: surelyRight(found.handedness[i][0]),
    }));
    return this.#choice.choose(hands, { width, height }, seconds);
  }

  /** A square picture, as MediaPipe measures others wrongly in a browser. */
  #draw(video, width, height, mirrored) {
    const longer = Math.max(width, height);
    const side = Math.min(longer, LARGEST);
    const scale = side / longer;
    if (this.#picture.width !== side || this.#picture.height !== side) {
      this.#picture.width = this.#picture.height = side;
    }
    const context = this.#picture.getContext("2d", { willReadFrequently: true });
    context.setTransform(mirrored ? -scale : scale, 0, 0, scale, 0, 0);
    context.drawImage(video, mirrored ? -width : 0, 0);
    return scale;
  }
}

function pixels(landmarks, side) {
  const points = new Float64Array(2 * NUM_POINTS);
  landmarks.forEach(({ x, y }, i) => points.set([x * side, y * side], 2 * i));
  return points;
}

function surelyRight({ categoryName, score }) {
  return categoryName === "Right" ? score : -score;
}
