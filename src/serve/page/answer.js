/** @file The answer in words and bars. */

import { article, percent, spokenPercent } from './format.js';

const NONE = '–';
/** An answer that stands this long is spoken. */
const SETTLED = 600;
const find = (id) => document.getElementById(id);

/** Shows answers about one digit and about numbers. */
export class Answer {
  #digit = find('digit');
  #number = find('number');
  #confidence = find('confidence');
  #reason = find('reason');
  #parts = find('parts');
  #details = find('details');
  #bars = Array.from({ length: 10 }, (_, digit) => addBar(find('bars'), digit));

  /** @param {boolean} wide whether numbers are read */
  prepare(wide) {
    this.#digit.hidden = wide;
    this.#number.hidden = !wide;
    this.#details.hidden = wide;
    this.#parts.hidden = !wide;
    this.empty();
  }

  /** Shows that nothing has been asked. */
  empty() {
    this.showDigit({ digit: null, confidence: null, probabilities: null, reason: null });
    this.showNumber({ text: '', confidence: null, digits: [] });
    this.#reason.textContent = '';
  }

  /** @param {object} answer of `api/predict` */
  showDigit({ digit, confidence, probabilities, reason }) {
    setLarge(this.#digit, digit);
    this.#verdict(digit === null ? null : confidence, reason);
    this.#bars.forEach((bar, i) => bar.show(probabilities?.[i], i === digit));
  }

  /** @param {object} answer of `api/number` */
  showNumber({ text, confidence, digits }) {
    setLarge(this.#number, text || null);
    this.#number.style.setProperty('--length', Math.max(...text.split('\n').map((row) => row.length), 1));
    this.#verdict(text ? confidence : null, text ? null : 'no digit was read');
    this.#parts.replaceChildren(...digits.map(part));
  }

  #verdict(confidence, reason) {
    this.#confidence.textContent = confidence === null ? '' : `${percent(confidence)} sure`;
    this.#reason.textContent = reason ?? '';
  }
}

/** @param {object} answer @param {boolean} wide @returns {string} what is spoken */
export function inWords(answer, wide) {
  const sure = answer.confidence === null ? '' : `, ${spokenPercent(answer.confidence)} sure`;
  if (!wide) {
    return answer.digit === null ? `no digit: ${answer.reason}` : article(answer.digit) + sure;
  }
  // Digit by digit, or it would be read as thousands.
  const rows = answer.text.split('\n').map((row) => [...row].join(' '));
  return answer.text ? rows.join(', next row: ') + sure : 'no digit was read';
}

/**
 * @param {HTMLElement} region a live region
 * @returns {{say: (text: string, now?: boolean) => void, hush: () => void}} `hush` forgets what is not yet said
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

/** @param {HTMLElement} place @param {string|number|null} text null: there is no answer */
function setLarge(place, text) {
  place.textContent = text ?? NONE;
  place.classList.toggle('none', text === null);
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
      // Moved rather than scaled, which would flatten its round end.
      fill.style.transform = `translateX(${100 * (probability ?? 0) - 100}%)`;
      share.textContent = probability === undefined ? '' : percent(probability);
      item.classList.toggle('best', best);
    },
  };
}

function part({ digit, confidence }) {
  const item = element('li', '');
  item.append(element('b', '', `${digit}`), ` ${percent(confidence)}`);
  return item;
}

function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
