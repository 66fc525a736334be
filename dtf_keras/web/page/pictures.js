/** The pictures of a video, with the time at which each was taken. */

/**
 * Calls a function with the seconds of the next picture, once.
 *
 * Pictures of a camera come with the clock's time, those of a file with the file's own.
 */
export function nextPicture(video, say) {
  const ofCamera = Boolean(video.srcObject);
  if ("requestVideoFrameCallback" in video) {
    video.requestVideoFrameCallback((now, { captureTime, mediaTime }) =>
      say(ofCamera ? (captureTime ?? now) / 1000 : mediaTime),
    );
  } else {
    requestAnimationFrame((now) => say(ofCamera ? now / 1000 : video.currentTime));
  }
}

/** Why a camera cannot be had, and what helps, in one sentence. */
export function whyNoCamera(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return (
        "The camera is not allowed: allow it for this page, in the browser's address " +
        "bar, and start it again."
      );
    case "NotFoundError":
    case "OverconstrainedError":
      return "No camera was found: connect one, or open a video.";
    case "NotReadableError":
    case "AbortError":
      return "The camera gives no picture: another program may be using it.";
    default:
      return `The camera cannot be started (${error.message}).`;
  }
}

/**
 * A stream of the camera that looks at the user, if there are several.
 *
 * @throws {Error} there is none; see `whyNoCamera`.
 */
export function openCamera() {
  if (!navigator.mediaDevices) {
    throw new Error("browsers give a camera to pages on localhost or over https only");
  }
  const wanted = { width: { ideal: 960 }, height: { ideal: 720 }, facingMode: "user" };
  return navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
}
