/** Which point of a hand is which, as in dtf_keras/landmarks/points.py. */

export const NUM_POINTS = 21;
export const WRIST = 0;
export const KNUCKLES = [5, 9, 13, 17];
export const FINGERS = [1, 5, 9, 13, 17].map((root) => [0, 1, 2, 3].map((i) => root + i));
