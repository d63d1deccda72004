/** @file Figures as people read them. */

/** Does not break from its figure. */
const UNIT = '\u00a0%';
/** From here on one decimal would round to 100 %, below its counterpart to 0 %. */
const ALMOST = 0.9995;

/** @param {number} share 0 to 1 @returns {string} such as "97.3 %"; never "100 %" of what is less */
export function percent(share) {
  if (share >= 1) return `100${UNIT}`;
  if (share >= ALMOST) return `>\u00a099.9${UNIT}`;
  if (share < 1 - ALMOST) return `0${UNIT}`;
  return `${(100 * share).toFixed(1)}${UNIT}`;
}

/** @param {number} share 0 to 1 @returns {string} an accuracy with the two decimals that tell networks apart */
export function accuracy(share) {
  return `${(100 * share).toFixed(2)}${UNIT}`;
}

/** @param {number} share 0 to 1 @returns {string} as it is said, rounded down */
export function spokenPercent(share) {
  return `${Math.floor(100 * share)} percent`;
}

/** @param {number} digit @returns {string} "a 7", "an 8" */
export function article(digit) {
  return `${digit === 8 ? 'an' : 'a'} ${digit}`;
}
