/** @file A cell of a table: what was read in it, and what a person makes of it. */

import { percent } from './format.js';

/** Most characters of a cell. */
const MAX_TEXT = 40;

/**
 * @typedef {object} CellAnswer a cell in the answer of `api/tables`
 * @property {number} row from 1
 * @property {number} column from 1
 * @property {number[][]} corners clockwise from the top left, in pixels of the picture
 * @property {string} text
 * @property {number} confidence
 * @property {boolean} doubtful
 * @property {{text: string, probability: number}[]} alternatives the best first
 * @property {boolean} has_unread
 * @property {{outcome: string, read: string, broken: string[]}|null} rules
 */

/** What a cell holds; typing is a draft until the cell is left. */
export class Cell {
  /** The text before it was typed over; null: nothing was typed. */
  #before = null;
  /** Whether a person has looked at it. */
  #confirmed = false;

  /** @param {CellAnswer} answer @param {number} table which table it is in, from 0 */
  constructor(answer, table) {
    this.answer = answer;
    this.table = table;
    this.text = answer.text;
  }

  /** Whether someone should still look at it. */
  get doubtful() { return this.answer.doubtful && !this.#confirmed; }
  /** Whether someone did, or typed something else. */
  get confirmed() { return this.#confirmed; }
  get corrected() { return this.text !== this.answer.text; }
  get drafted() { return this.#before !== null; }

  /** @param {string} character replaces the text, or continues what was typed */
  type(character) {
    this.#draft(((this.drafted ? this.text : '') + character).slice(0, MAX_TEXT));
  }

  erase() {
    this.#draft(this.text.slice(0, -1));
  }

  /** Takes the alternative after the present text. */
  takeNext() {
    const texts = this.answer.alternatives.map(({ text }) => text);
    if (texts.length) this.take(texts[(texts.indexOf(this.text) + 1) % texts.length]);
  }

  /** @param {string} text */
  take(text) {
    this.#draft(text);
  }

  /** Takes back what was typed; then all that was corrected. */
  restore() {
    this.text = this.#before ?? this.answer.text;
    if (!this.drafted) this.#confirmed = false;
    this.#before = null;
  }

  confirm() {
    this.#before = null;
    this.#confirmed = true;
  }

  /** What was typed counts once the cell is left. */
  leave() {
    if (this.drafted && this.text !== this.#before) this.#confirmed = true;
    this.#before = null;
  }

  #draft(text) {
    this.#before ??= this.text;
    this.text = text;
  }
}

/** @param {Cell} cell @returns {string} why someone should look at it, or how sure the answer is */
export function reason({ answer: { text, confidence, has_unread: unread, rules } }) {
  const parts = [];
  if (rules?.outcome === 'violated') parts.push(`breaks ${rules.broken.join(', ')}`);
  if (rules?.outcome === 'corrected') parts.push(`was ${rules.read || 'empty'}, which breaks ${rules.broken.join(', ')}`);
  if (unread) parts.push('writing that was not read');
  if (text && !unread) parts.push(`${percent(confidence)} sure`);
  return parts.join('; ');
}
