/** From hands in pictures to glosses: one after the other, as they come. */

import { GlossStream } from "./gloss_stream.js";
import { PalmMeasure } from "./palm_lengths.js";
import { SteadyRate } from "./steady_rate.js";

export class Reader {
  #rate;
  #measure;
  #stream;
  #say;
  #frames = []; // that wait for the model
  #turn = Promise.resolve();

  /**
   * @param {import("./model.js").Model} model
   * @param {(stream: GlossStream) => void} say what to do with what was read.
   */
  constructor(model, say) {
    this.#rate = new SteadyRate(model.frameRate);
    this.#measure = new PalmMeasure(model.frameRate);
    this.#stream = new GlossStream(model);
    this.#say = say;
    /** @type {Float32Array | null} the newest frame as the model sees it. */
    this.seen = null;
  }

  /**
   * Takes the hand of the next picture.
   *
   * @param {ArrayLike<number> | null} points of a right hand, 42 numbers, pixels.
   * @param {number} seconds when the picture was taken, later than the one before.
   * @returns {Promise<void>} settled when all that came so far was read.
   */
  push(points, seconds) {
    return this.#read(this.#measured(this.#rate.push(points, seconds)));
  }

  /** No picture follows. */
  finish() {
    const frames = this.#measured(this.#rate.finish());
    this.#read([...frames, ...this.#measure.flush()]);
    return this.#next(async () => {
      await this.#stream.finish();
      this.#say(this.#stream);
    });
  }

  #measured(points) {
    const frames = points.flatMap((one) => this.#measure.push(one));
    this.seen = frames.at(-1) ?? this.seen;
    return frames;
  }

  #read(frames) {
    this.#frames.push(...frames);
    return this.#next(async () => {
      const waiting = this.#frames.splice(0);
      if (!waiting.length) return;
      await this.#stream.push(waiting);
      this.#say(this.#stream);
    });
  }

  #next(task) {
    this.#turn = this.#turn.then(task);
    return this.#turn;
  }
}
