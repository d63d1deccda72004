/** @file Figures as people read them. */

/** With a no-break space. */
const UNIT = '\u00a0%';
/** From here on, one decimal would round to 100 %; below 1 minus this, to 0 %. */
const ALMOST = 0.9995;

/** @param {number} share 0 to 1 @returns {string} such as "97.3 %"; "100 %" only for 1 */
export function percent(share) {
  if (share >= 1) return `100${UNIT}`;
  if (share >= ALMOST) return `>\u00a099.9${UNIT}`;
  if (share < 1 - ALMOST) return `0${UNIT}`;
  return `${(100 * share).toFixed(1)}${UNIT}`;
}

/** @param {number} share 0 to 1 @returns {string} an accuracy, with two decimals to compare networks */
export function accuracy(share) {
  return `${(100 * share).toFixed(2)}${UNIT}`;
}

/** @param {number} share 0 to 1 @returns {string} as it is spoken, rounded down */
export function spokenPercent(share) {
  return `${Math.floor(100 * share)} percent`;
}

/** @param {number} digit @returns {string} "a 7", "an 8" */
export function article(digit) {
  return `${digit === 8 ? 'an' : 'a'} ${digit}`;
}
