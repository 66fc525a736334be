/** A model from points in palm lengths to logits, as dtf_keras exports it to ONNX. */

import { onnxFacts } from "./onnx_facts.js";
import { NUM_POINTS } from "./points.js";

export class Model {
  #ort;
  #session;

  /** @param {Object} facts what the file says of the model. */
  constructor(ort, session, facts) {
    this.#ort = ort;
    this.#session = session;
    /** @type {string} */
    this.name = facts.model;
    /** @type {string[]} of classes 1 and on; class 0 is blank. */
    this.glosses = facts.glosses;
    /** @type {number} frames a second. */
    this.frameRate = facts.input_format.frame_rate;
    /** @type {{before: number, after: number, stride: number}} frames that a step sees
     *    beside its own, and frames from step to step. */
    this.steps = facts.steps;
  }

  /**
   * @param {Object} ort the module of ONNX Runtime.
   * @param {Uint8Array} bytes of the ONNX file.
   * @throws {Error} it is no such file, or of a model that cannot read a camera.
   */
  static async open(ort, bytes) {
    const facts = onnxFacts(bytes);
    requireReadable(facts);
    return new Model(ort, await ort.InferenceSession.create(bytes), facts);
  }

  /**
   * @param {Float32Array[]} frames T frames of 42 numbers, palm lengths.
   * @returns {Promise<Float32Array[]>} of each step the logits of the classes.
   */
  async logits(frames) {
    const points = new Float32Array(frames.length * 2 * NUM_POINTS);
    frames.forEach((frame, i) => points.set(frame, i * 2 * NUM_POINTS));
    const { Tensor } = this.#ort;
    const { logits } = await this.#session.run({
      landmarks: new Tensor("float32", points, [1, frames.length, NUM_POINTS, 2]),
      num_frames: new Tensor("int32", Int32Array.of(frames.length), [1]),
    });
    const [, steps, classes] = logits.dims;
    return Array.from({ length: steps }, (_, step) =>
      logits.data.slice(step * classes, (step + 1) * classes),
    );
  }
}

function requireReadable({ glosses, input_format: format, steps }) {
  if (!format || !glosses) {
    throw new Error(
      "This file does not say what its model reads: export it with dtf_keras, from a " +
        "model that has glosses.",
    );
  }
  if (format.kind !== "hand_landmarks") {
    throw new Error(
      "This model reads pictures, not the points of a hand: export one that was made " +
        'with input="landmarks".',
    );
  }
  if (!steps) {
    throw new Error(
      "Each step of this model depends on a whole clip, so that it cannot read a camera.",
    );
  }
}
