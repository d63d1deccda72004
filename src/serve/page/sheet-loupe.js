/** @file The loupe: the current cell's own cut-out beside it, with what else it may hold. */

import { element } from './element.js';
import { percent } from './format.js';
import { reason } from './sheet-cell.js';
import { cutOut } from './sheet-cutout.js';

/** For screens without a keyboard. */
const KEYS = ['1', '2', '3', '4', '5', '.', '6', '7', '8', '9', '0', ',', '-', '/', ':', '⌫'];
/** Between the loupe and its cell, in CSS pixels. */
const GAP = 10;

/** Follows the current cell. */
export class Loupe {
  #box;
  #picture = element('div', 'cutout');
  #name = element('p', 'name');
  #reason = element('p', 'reason');
  #others = element('ul', 'others');
  /** @type {Tables} */
  #tables;
  /** @type {Grid} */
  #grid;
  /** @type {{image: HTMLCanvasElement|null, scale: number}} */
  #source;

  /** @param {HTMLElement} box */
  constructor(box) {
    this.#box = box;
    this.#others.setAttribute('aria-label', 'Other readings');
    box.append(this.#picture, this.#name, this.#reason, this.#others, this.#keypad());
    // The focus stays in the cell.
    box.addEventListener('pointerdown', (event) => event.preventDefault());
    addEventListener('resize', () => this.#place());
  }

  /** @param {Tables} tables @param {Grid} grid @param {{image: HTMLCanvasElement|null, scale: number}} source */
  follow(tables, grid, source) {
    [this.#tables, this.#grid, this.#source] = [tables, grid, source];
    tables.addEventListener('move', () => this.show());
    tables.addEventListener('change', () => this.#describe());
    this.show();
  }

  hide() {
    this.#tables = null;
    this.#box.hidden = true;
  }

  show() {
    const cell = this.#tables?.current;
    this.#box.hidden = !cell;
    if (!cell) return;
    const picture = this.#source.image && cutOut(this.#source, cell.answer.corners);
    this.#picture.replaceChildren(...[picture].filter(Boolean));
    this.#describe();
    // On a narrow screen, the cell must not be below it.
    this.#grid.place(cell).style.setProperty('--loupe', `${this.#box.offsetHeight}px`);
    this.#grid.reveal();
    this.#place();
  }

  #describe() {
    const cell = this.#tables?.current;
    if (!cell) return;
    const { row, column, alternatives } = cell.answer;
    const several = this.#tables.tables.length > 1 ? `Table ${cell.table + 1}, row` : 'Row';
    this.#name.textContent = `${several} ${row}, column ${column}`;
    this.#reason.textContent = cell.corrected ? `read as ${cell.answer.text || 'empty'}` : reason(cell);
    const choice = ({ text, probability }) => {
      const item = element('li');
      const button = element('button', text === cell.text ? 'chosen' : '', text);
      button.append(element('small', '', percent(probability)));
      this.#act(button, () => this.#tables.edit((current) => current.take(text)));
      item.append(button);
      return item;
    };
    // One alone is the text itself.
    this.#others.replaceChildren(...(alternatives.length > 1 ? alternatives : []).map(choice));
  }

  #keypad() {
    const pad = element('div', 'keypad');
    for (const key of KEYS) {
      const button = element('button', '', key);
      if (key === '⌫') button.setAttribute('aria-label', 'Delete');
      this.#act(button, () => this.#tables.edit((cell) => (key === '⌫' ? cell.erase() : cell.type(key))));
      pad.append(button);
    }
    const done = element('button', 'done', 'Confirm');
    this.#act(done, () => this.#tables.confirm());
    pad.append(done);
    return pad;
  }

  /** For the mouse and fingers; by keyboard, the cell itself is edited. */
  #act(button, act) {
    button.type = 'button';
    button.tabIndex = -1;
    button.addEventListener('click', act);
  }

  /** To the right of the cell if there is room, else to its left, else below. */
  #place() {
    if (this.#box.hidden) return;
    const frame = this.#box.offsetParent?.getBoundingClientRect();
    // On a narrow screen, the loupe stays at its bottom.
    if (!frame) return;
    const cell = this.#grid.place(this.#tables.current).getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.#box;
    const right = cell.right - frame.left + GAP;
    const left = cell.left - frame.left - GAP - width;
    const beside = right + width <= frame.width || left >= 0;
    const x = right + width <= frame.width ? right : left >= 0 ? left : frame.width - width;
    const middle = cell.top - frame.top + cell.height / 2;
    const y = beside ? middle - Math.min(height / 2, 48) : cell.bottom - frame.top + GAP;
    this.#box.style.left = `${Math.max(x, 0)}px`;
    this.#box.style.top = `${Math.max(y, 0)}px`;
  }
}
