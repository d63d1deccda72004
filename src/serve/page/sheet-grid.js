/** @file The tables of a sheet as tables of the page, in which one cell at a time can have the focus. */

import { element } from './element.js';
import { reason } from './sheet-cell.js';

const SPOKEN = { '?': 'unclear', '.': 'point', ',': 'comma', '-': 'minus', '/': 'slash', ':': 'colon' };

/** Shows tables below each other, and follows them. */
export class Grid {
  #tables;
  /** @type {Map<Cell, HTMLTableCellElement>} */
  #places = new Map();

  /** @param {HTMLElement} parent of which the content is replaced @param {Tables} tables */
  constructor(parent, tables) {
    this.#tables = tables;
    parent.replaceChildren(...tables.tables.map((table, at) => this.#table(table, at)));
    tables.addEventListener('change', ({ detail }) => detail.forEach((cell) => this.#show(cell)));
    tables.addEventListener('move', () => this.focus());
  }

  /** @param {Cell} cell @returns {HTMLElement} where it is shown */
  place(cell) {
    return this.#places.get(cell);
  }

  /** Gives the focus to the current cell. */
  focus() {
    this.place(this.#tables.current).focus({ preventScroll: true });
  }

  /** Scrolls to the current cell where it cannot be seen. */
  reveal() {
    this.place(this.#tables.current).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #table({ rows, columns, cells }, at) {
    const table = element('table', 'cells');
    table.setAttribute('role', 'grid');
    table.setAttribute('aria-label', `Table ${at + 1} of ${this.#tables.tables.length}, ${rows} by ${columns} cells`);
    const body = element('tbody');
    for (let row = 0; row < rows; row += 1) {
      const line = element('tr');
      line.append(header(row + 1, 'row'));
      line.append(...cells.slice(row * columns, (row + 1) * columns).map((cell) => this.#cell(cell)));
      body.append(line);
    }
    const head = element('thead');
    const line = element('tr');
    line.append(element('td'), ...Array.from({ length: columns }, (_, column) => header(column + 1, 'col')));
    head.append(line);
    table.append(head, body);
    const frame = element('div', 'scroll');
    frame.append(table);
    return frame;
  }

  #cell(cell) {
    const place = element('td');
    place.setAttribute('role', 'gridcell');
    place.addEventListener('pointerdown', () => this.#tables.select(cell));
    this.#places.set(cell, place);
    this.#show(cell);
    return place;
  }

  #show(cell) {
    const place = this.place(cell);
    const current = cell === this.#tables.current;
    place.textContent = cell.text;
    place.tabIndex = current ? 0 : -1;
    const states = {
      current,
      doubtful: cell.doubtful,
      confirmed: cell.confirmed && cell.answer.doubtful,
      corrected: cell.corrected,
      drafted: cell.drafted,
      unread: cell.answer.has_unread && !cell.confirmed,
    };
    place.className = Object.keys(states).filter((name) => states[name]).join(' ');
    place.setAttribute('aria-selected', `${current}`);
    place.setAttribute('aria-label', inWords(cell));
  }
}

/** @param {Cell} cell @returns {string} what is spoken of it */
export function inWords(cell) {
  const { text, answer: { row, column } } = cell;
  const characters = [...text].map((character) => SPOKEN[character] ?? character).join(' ') || 'empty';
  const state = cell.corrected ? `corrected from ${cell.answer.text || 'empty'}`
    : cell.doubtful ? `doubtful, ${reason(cell)}`
      : cell.confirmed ? 'confirmed' : '';
  return [`row ${row}, column ${column}: ${characters}`, state].filter(Boolean).join(', ');
}

function header(number, scope) {
  const made = element('th', '', `${number}`);
  made.scope = scope;
  return made;
}
