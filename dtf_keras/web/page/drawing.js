/** Hands on a canvas, one colour a finger. */

import { hasHand } from "./palm_lengths.js";
import { FINGERS, KNUCKLES, NUM_POINTS, WRIST } from "./points.js";

const COLOURS = ["#ff5a5f", "#ffc53d", "#46c66d", "#43b5f0", "#d478f0"];
const PALM = "#c8ced6";
const SIDE = 4.4; // palm lengths in the side of the picture of what the model sees

/** Draws the picture of a video that is there now, in its own size. */
export function drawPicture(canvas, video) {
  const { videoWidth: width, videoHeight: height } = video;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  canvas.getContext("2d").drawImage(video, 0, 0);
}

/** Draws a hand over a picture; nothing where there is no hand. */
export function drawOver(canvas, points) {
  const thickness = Math.max(canvas.width, canvas.height) / 240;
  if (points) drawHand(canvas.getContext("2d"), points, thickness);
}

/** Draws a hand in palm lengths, its middle in the middle. */
export function drawSeen(canvas, points) {
  const context = erase(canvas);
  const { width, height } = canvas;
  if (!points || !hasHand(points)) return;
  const scale = Math.min(width, height) / SIDE;
  const middle = [0, 0];
  points.forEach((x, i) => (middle[i % 2] += x / NUM_POINTS));
  const half = [width / 2, height / 2];
  const placed = Array.from(points, (x, i) => (x - middle[i % 2]) * scale + half[i % 2]);
  drawHand(context, placed, width / 110);
}

/** Empties a canvas; returns its context. */
export function erase(canvas) {
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, canvas.width, canvas.height);
  return context;
}

function drawHand(context, points, thickness) {
  const at = (point) => [points[2 * point], points[2 * point + 1]];
  const line = (through, colour) => {
    context.beginPath();
    through.forEach((point) => context.lineTo(...at(point)));
    context.strokeStyle = colour;
    context.stroke();
  };
  context.lineWidth = thickness;
  context.lineCap = context.lineJoin = "round";
  line([WRIST, ...KNUCKLES, WRIST, FINGERS[0][0]], PALM);
  FINGERS.forEach((finger, i) => line(finger, COLOURS[i]));
  context.fillStyle = "#ffffff";
  for (let point = 0; point < NUM_POINTS; point++) {
    context.beginPath();
    context.arc(...at(point), 0.75 * thickness, 0, 2 * Math.PI);
    context.fill();
  }
}
