// Drives the page in Chromium and prints, as JSON, what it did. It reads, as JSON too,
// `url` of the page, `chromium`, `profile` (a new folder), `film` (a video without a hand),
// `camera` (what the fake one shows, or null) and what is `given` to the page's modules.

import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
];
const PATIENCE = 60_000; // milliseconds

const order = JSON.parse(readFileSync(0, "utf8"));
const camera = order.camera && `--use-file-for-fake-video-capture=${order.camera}`;
const context = await chromium.launchPersistentContext(order.profile, {
  executablePath: order.chromium,
  headless: true,
  args: camera ? [...FLAGS, camera] : FLAGS,
  permissions: ["camera"],
});
const page = context.pages()[0] ?? (await context.newPage());
page.setDefaultTimeout(PATIENCE);
const did = { problems: [], requests: [] };
page.on("pageerror", (error) => did.problems.push(error.message));
page.on("console", (message) => {
  // What MediaPipe says of itself comes as errors, too.
  const itself = message.location().url.endsWith("vision_loader.js");
  if (message.type() === "error" && !itself) did.problems.push(message.text());
});
page.on("request", (request) => did.requests.push(request.url()));
page.on("requestfailed", (request) => {
  did.problems.push(`${request.url()}: ${request.failure().errorText}`);
});

const status = () => page.locator("#status").textContent();
const statusBecomes = (text) =>
  page.waitForFunction(
    (wanted) => document.getElementById("status").textContent.includes(wanted),
    text,
  );

try {
  await page.goto(order.url);
  await page.locator("#camera:enabled").waitFor();
  did.ready = await status();
  did.models = await page.locator("#model option").allTextContents();
  did.unlabelled = await page.evaluate(unlabelled);
  did.modules = await page.evaluate(useModules, order.given);
  did.refusals = {};
  for (const name of ["NotAllowedError", "NotFoundError", "NotReadableError"]) {
    await page.evaluate((name) => {
      const devices = navigator.mediaDevices;
      devices.getUserMedia = () => Promise.reject(new DOMException("no", name));
    }, name);
    await page.locator("#camera").click();
    await page.locator("#status.alarm").waitFor();
    await page.locator("#camera:enabled").waitFor();
    did.refusals[name] = await status();
    await page.evaluate(() => delete navigator.mediaDevices.getUserMedia);
  }
  const content = { name: "notes.mp4", mimeType: "video/mp4", buffer: Buffer.from("no") };
  await page.locator("#file").setInputFiles(content);
  await statusBecomes("notes.mp4 is no video");
  await page.locator("#file").setInputFiles(order.film);
  await statusBecomes("No hand is seen");
  await statusBecomes("Stopped"); // by itself, at the end of the film
  if (camera) {
    await page.locator("#camera").click();
    await page.waitForFunction(drawn, "seen"); // a hand was found, and for a second
    did.reading = await status();
    await page.locator("#camera").click();
    await statusBecomes("Stopped");
  }
} catch (error) {
  did.problems.push(`${error.message} (status: ${await status().catch(() => "?")})`);
} finally {
  await context.close();
}
console.log(JSON.stringify(did));

/** Controls without a name for screen readers. */
function unlabelled() {
  return [...document.querySelectorAll("button, select, input:not([hidden])")]
    .filter((one) => !one.textContent.trim() && !one.labels?.length)
    .map((one) => one.id);
}

/** What the modules of the page make of hands that are given to them. */
async function useModules({ hands, times, pictures, size, model }) {
  const from = (name) => import(`/${name}.js`);
  const [{ PalmMeasure }, { SteadyRate }, { SigningHand, asRightHand }] =
    await Promise.all(["palm_lengths", "steady_rate", "signing_hand"].map(from));
  const [{ Model }, { Reader }] = await Promise.all(["model", "reader"].map(from));
  const plain = (frames) => frames.map((frame) => Array.from(frame));

  const rate = new SteadyRate(25);
  const steady = hands.flatMap((points, i) => rate.push(points, times[i]));
  steady.push(...rate.finish());
  const measure = new PalmMeasure(25);
  const measured = steady.flatMap((points) => measure.push(points));
  measured.push(...measure.flush());

  const choice = new SigningHand();
  const chosen = pictures.map(({ seconds, seen }) => {
    const hands = seen.map(([points, right]) => ({ points, right }));
    const hand = choice.choose(hands, size, seconds);
    return hand && asRightHand(hand, size.width);
  });

  const ort = await import("/libraries/ort.js");
  const bytes = new Uint8Array(await (await fetch(model)).arrayBuffer());
  const glosses = [];
  let pending = [];
  const reader = new Reader(await Model.open(ort, bytes), (stream) => {
    glosses.push(...stream.settled);
    pending = stream.pending;
  });
  const soFar = [];
  for (const [i, points] of hands.entries()) {
    await reader.push(points, times[i]);
    soFar.push(glosses.length);
  }
  await reader.finish();
  const named = glosses.map(({ gloss, start, end, confidence }) => [
    gloss,
    start,
    end,
    confidence,
  ]);
  return {
    steady: plain(steady),
    measured: plain(measured),
    chosen,
    glosses: named,
    soFar,
    pending: pending.length,
  };
}

/** Whether something is drawn on a canvas. */
function drawn(id) {
  const canvas = document.getElementById(id);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
}
