/** The page: loads what it needs, and reads a camera or a video until told to stop. */

import { drawOver, drawPicture, drawSeen, erase } from "./drawing.js";
import { HandFinder } from "./hand_finder.js";
import { Letters } from "./letters.js";
import { addressOf, load } from "./loading.js";
import { Model } from "./model.js";
import { nextPicture, openCamera, whyNoCamera } from "./pictures.js";
import { Reader } from "./reader.js";
import { acrossFrom, asRightHand } from "./signing_hand.js";

const VISION_WASM = "libraries/vision.wasm";
const ORT_WASM = "libraries/ort.wasm";
const HAND_MODEL = "hand_landmarker.task";
const PAUSE = 2; // seconds without a picture after which a new clip begins
const SPACING = 0.05; // seconds between pictures of a file that is read: it plays slower
const SLOWEST = 0.1; // of its own pace, if need be
const NO_HAND = 2; // seconds after which the page says that it sees none

const by = (id) => document.getElementById(id);
const video = by("video");
const letters = new Letters(by("letters"), by("spoken"));
let listing, ort, finder, model;
let reading = null;

/** A camera or video file, from its start to its end. */
class Reading {
  #reader = null;
  #last = -Infinity; // seconds of the newest picture
  #lastHand = null;
  #pictures = 0;
  #found = 0; // milliseconds in which hands were looked for
  #since = performance.now();
  #over = false;

  constructor(name) {
    this.name = name;
  }

  start() {
    nextPicture(video, (seconds) => this.#take(seconds));
  }

  /** Ends it; what was seen so far is read to the end. */
  async stop() {
    this.#over = true;
    const { srcObject, src } = video;
    srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    video.removeAttribute("src");
    video.load();
    if (src) URL.revokeObjectURL(src);
    for (const id of ["picture", "seen"]) erase(by(id));
    await this.#reader?.finish();
  }

  /** The pictures that follow are another clip: the model changed, or time jumped. */
  async restart() {
    const reader = this.#reader;
    this.#reader = null;
    await reader?.finish();
  }

  #take(seconds) {
    if (this.#over) return;
    if (seconds !== this.#last && video.videoWidth) {
      const jumped = seconds < this.#last || seconds > this.#last + PAUSE;
      if (jumped) this.restart();
      this.#last = seconds;
      this.#read(seconds);
    }
    this.start();
  }

  #read(seconds) {
    const mirrored = by("mirrored").checked;
    const { videoWidth: width } = video;
    if (!this.#reader) {
      finder.restart();
      this.#lastHand = seconds;
      this.#reader = new Reader(model, (stream) => letters.show(stream));
    }
    drawPicture(by("picture"), video);
    const begin = performance.now();
    const hand = finder.find(video, seconds, mirrored);
    const took = performance.now() - begin;
    this.#found += took;
    if (!video.srcObject) {
      video.playbackRate = Math.min(1, Math.max(SLOWEST, (1000 * SPACING) / took));
    }
    this.#pictures++;
    drawOver(by("picture"), mirrored ? hand && acrossFrom(hand.points, width) : hand?.points);
    this.#reader.push(hand && asRightHand(hand, width), seconds).catch(fail);
    drawSeen(by("seen"), this.#reader.seen);
    if (hand) this.#lastHand = seconds;
    const none = seconds - this.#lastHand > NO_HAND;
    tell(
      none
        ? "No hand is seen: hold one up before the camera, its palm to the front."
        : `Reading ${this.name}.`,
    );
    this.#count();
  }

  #count() {
    const seconds = (performance.now() - this.#since) / 1000;
    if (seconds < 1) return;
    const rate = (this.#pictures / seconds).toFixed(0);
    const each = (this.#found / this.#pictures).toFixed(0);
    by("figures").textContent =
      `${rate} pictures a second; finding the hand takes ${each} ms of each.`;
    this.#pictures = this.#found = 0;
    this.#since = performance.now();
  }
}

async function begin() {
  by("camera").addEventListener("click", () => (reading ? stop() : startCamera()));
  by("open").addEventListener("click", () => by("file").click());
  by("file").addEventListener("change", () => startFile(by("file").files[0]));
  by("model").addEventListener("change", () => chooseModel().catch(fail));
  by("clear").addEventListener("click", () => letters.clear());
  by("mirrored").addEventListener("change", () => reading?.restart());
  video.addEventListener("ended", stop);
  listing = await (await fetch("files.json")).json();
  for (const { file, name } of listing.models) by("model").add(new Option(name, file));
  await loadAll();
  for (const id of ["camera", "open", "model", "clear"]) by(id).disabled = false;
  tell("Ready: start the camera, or open a video.");
}

async function loadAll() {
  tell("Loading…");
  const file = by("model").value;
  const [visionWasm, ortWasm, hands, bytes] = await fetched([
    VISION_WASM,
    ORT_WASM,
    HAND_MODEL,
    file,
  ]);
  const [vision, runtime] = await Promise.all([
    import("./libraries/vision.js"),
    import("./libraries/ort.js"),
  ]);
  ort = runtime;
  ort.env.wasm.numThreads = 1; // more of them need headers that few hosts send
  ort.env.wasm.wasmBinary = ortWasm.buffer;
  ort.env.wasm.wasmPaths = { mjs: here("libraries/ort_loader.js") };
  model = await Model.open(ort, bytes);
  finder = await HandFinder.open({
    vision,
    loader: here("libraries/vision_loader.js"),
    wasm: addressOf(visionWasm, "application/wasm"),
    model: hands,
  });
}

async function fetched(paths) {
  const progress = by("progress");
  progress.hidden = false;
  try {
    return await load(paths, listing.bytes, (share) => (progress.value = share));
  } finally {
    progress.hidden = true;
  }
}

async function chooseModel() {
  by("model").disabled = true;
  try {
    const [bytes] = await fetched([by("model").value]);
    model = await Model.open(ort, bytes);
    await reading?.restart();
  } finally {
    by("model").disabled = false;
  }
}

async function startCamera() {
  by("camera").disabled = true;
  tell("Waiting for the camera…");
  try {
    const stream = await openCamera();
    await show("the camera", () => (video.srcObject = stream));
  } catch (error) {
    tell(whyNoCamera(error), true);
  } finally {
    by("camera").disabled = false;
  }
}

async function startFile(file) {
  if (!file) return;
  by("file").value = "";
  if (reading) await stop();
  try {
    await show(file.name, () => (video.src = URL.createObjectURL(file)));
  } catch {
    await stop();
    tell(`${file.name} is no video that this browser can play.`, true);
  }
}

async function show(name, open) {
  open();
  const ofCamera = Boolean(video.srcObject);
  by("picture").classList.toggle("as-mirror", ofCamera);
  reading = new Reading(name);
  by("camera").textContent = "Stop";
  reading.start();
  await video.play();
}

async function stop() {
  const over = reading;
  reading = null;
  by("camera").textContent = "Start camera";
  await over?.stop();
  tell("Stopped.");
}

function tell(text, isAlarm = false) {
  const status = by("status");
  if (status.textContent !== text) status.textContent = text;
  status.classList.toggle("alarm", isAlarm);
}

function fail(error) {
  console.error(error);
  tell(error.message, true);
}

function here(path) {
  return new URL(path, import.meta.url).href;
}

begin().catch(fail);
