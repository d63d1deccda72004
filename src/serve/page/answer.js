/** @file The answer in words and bars. */

import { element } from './element.js';
import { article, percent, spokenPercent } from './format.js';

const NONE = '–';
const REFUSED = '?';
const SPOKEN = { '?': 'unclear', '.': 'point', ',': 'comma', '-': 'minus', '/': 'slash', ':': 'colon' };
/** An answer that is stable for this long, in milliseconds, is spoken. */
const SETTLED = 600;
const find = (id) => document.getElementById(id);

/**
 * @typedef {object} Digit
 * @property {number|null} digit null: refused
 * @property {number} confidence
 * @property {number[]} probabilities
 * @property {number[]} box left, top, width and height in pixels of what was sent
 */
/**
 * @typedef {object} Reading answer of `api/read`
 * @property {string} text
 * @property {number|null} confidence
 * @property {Digit[]} digits
 * @property {{character: string, confidence: number, box: number[]}[]} signs of numbers, such as a decimal point
 * @property {number[][]} unread
 * @property {string|null} reason why no digit was read
 */

/** @type {Reading} shown before there is an answer */
export const NOTHING = { text: '', confidence: null, digits: [], signs: [], unread: [], reason: null };

/** Shows what was read: for one digit all ten probabilities, for several the confidence of each. */
export class Answer {
  #panel = find('answer');
  #text = find('text');
  #confidence = find('confidence');
  #reason = find('reason');
  #parts = find('parts');
  #details = find('details');
  #bars = Array.from({ length: 10 }, (_, digit) => addBar(find('bars'), digit));

  /** @param {Reading} reading */
  show(reading) {
    const { text, confidence, digits, reason } = reading;
    const several = digits.length > 1;
    this.#panel.classList.toggle('several', several);
    this.#details.hidden = several;
    this.#parts.hidden = !several;
    this.#text.textContent = reason || !text ? NONE : text.replaceAll(' ', '\n');
    this.#text.classList.toggle('none', Boolean(reason) || !text);
    this.#text.style.setProperty('--length', Math.max(...text.split(' ').map((row) => row.length), 1));
    this.#confidence.textContent = reason || confidence === null ? '' : `${percent(confidence)} sure`;
    this.#reason.textContent = reason ?? unreadInWords(reading);
    const [only] = several ? [] : digits;
    this.#bars.forEach((bar, i) => bar.show(only?.probabilities[i], i === only?.digit));
    this.#parts.replaceChildren(...digits.map(part));
  }
}

/** @param {Reading} reading @returns {string} what is spoken */
export function inWords(reading) {
  const { text, confidence, digits, signs, reason } = reading;
  if (reason) return `no digit: ${reason}`;
  const sure = `, ${spokenPercent(confidence)} sure`;
  // Digit by digit, or it would be read as thousands.
  const row = (characters) => [...characters].map((character) => SPOKEN[character] ?? character).join(' ');
  const rows = text.split(' ').map(row).join(', next row: ');
  const unread = unreadInWords(reading);
  const alone = digits.length === 1 && !signs.length;
  return (alone ? article(digits[0].digit) : rows) + sure + (unread && `; ${unread}`);
}

/**
 * @param {HTMLElement} region a live region
 * @returns {{say: (text: string, now?: boolean) => void, hush: () => void}} `hush` cancels what is not yet spoken
 */
export function speaker(region) {
  let timer = 0;
  const hush = () => clearTimeout(timer);
  const say = (text, now = false) => {
    hush();
    if (now) region.textContent = text;
    else timer = setTimeout(() => { region.textContent = text; }, SETTLED);
  };
  return { say, hush };
}

/** What is missing from a text, or nothing. */
function unreadInWords({ digits, unread }) {
  const refused = digits.filter(({ digit }) => digit === null).length;
  const parts = [];
  if (refused) parts.push(`${refused} unclear ${refused === 1 ? 'digit' : 'digits'}`);
  if (unread.length) parts.push(`ink left unread in ${unread.length} ${unread.length === 1 ? 'place' : 'places'}`);
  return parts.join(', ');
}

function addBar(list, digit) {
  const fill = element('span', 'fill');
  const track = element('span', 'track');
  track.setAttribute('aria-hidden', 'true');
  track.append(fill);
  const share = element('span', 'share');
  const item = element('li', '');
  item.append(element('span', 'name', `${digit}`), ' ', track, share);
  list.append(item);
  return {
    /** @param {number|undefined} probability @param {boolean} best */
    show(probability, best) {
      // Moved rather than scaled, which would distort its round end.
      fill.style.transform = `translateX(${100 * (probability ?? 0) - 100}%)`;
      share.textContent = probability === undefined ? '' : percent(probability);
      item.classList.toggle('best', best);
    },
  };
}

function part({ digit, confidence }) {
  const item = element('li', digit === null ? 'refused' : '');
  item.append(element('b', '', `${digit ?? REFUSED}`), ` ${percent(confidence)}`);
  return item;
}
