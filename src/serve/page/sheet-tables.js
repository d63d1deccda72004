/** @file The tables of a sheet, and which cell is the current one. */

import { Cell } from './sheet-cell.js';

/**
 * Dispatches "change" with the cells that changed as `detail`, "move" once another cell is current, and "settled"
 * with a cell as `detail` that a person has finished.
 */
export class Tables extends EventTarget {
  /** @type {Cell|null} */
  #current = null;

  /** @param {{tables: {rows: number, columns: number, cells: CellAnswer[]}[]}} sheet the answer of `api/tables` */
  constructor(sheet) {
    super();
    /** @type {{rows: number, columns: number, cells: Cell[]}[]} */
    this.tables = sheet.tables.map(({ rows, columns, cells }, table) => (
      { rows, columns, cells: cells.map((answer) => new Cell(answer, table)) }
    ));
    /** Row by row, table by table. */
    this.cells = this.tables.flatMap(({ cells }) => cells);
    this.#current = this.next(1) ?? this.cells[0] ?? null;
  }

  get current() { return this.#current; }
  /** How many cells someone should still look at. */
  get doubtful() { return this.cells.filter(({ doubtful }) => doubtful).length; }
  get corrected() { return this.cells.filter(({ corrected }) => corrected).length; }

  /** @param {Cell|null} cell becomes the current one */
  select(cell) {
    if (!cell || cell === this.#current) return;
    const left = this.#current;
    left.leave();
    this.#current = cell;
    this.#changed(left, cell);
    this.dispatchEvent(new Event('move'));
    this.#settled(left);
  }

  /** @param {(cell: Cell) => void} edit what to do with the current cell */
  edit(edit) {
    if (!this.#current) return;
    edit(this.#current);
    this.#changed(this.#current);
  }

  /** Confirms the current cell, and goes on to the next doubtful one, else to the one below. */
  confirm() {
    const done = this.#current;
    if (!done) return;
    this.edit((cell) => cell.confirm());
    this.select(this.next(1) ?? this.cells.find(({ doubtful }) => doubtful) ?? this.beside(1, 0));
    // Where there is no other cell, nothing was left.
    if (done === this.#current) this.#settled(done);
  }

  /** Whatever was typed counts. */
  finish() {
    const cell = this.#current;
    if (!cell?.drafted) return;
    cell.leave();
    this.#changed(cell);
    this.#settled(cell);
  }

  /** @param {number} step 1 or -1 @returns {Cell|null} the next doubtful cell in that direction */
  next(step) {
    const from = this.cells.indexOf(this.#current);
    const start = from < 0 && step < 0 ? this.cells.length : from;
    for (let at = start + step; at >= 0 && at < this.cells.length; at += step) {
      if (this.cells[at].doubtful) return this.cells[at];
    }
    return null;
  }

  /** @returns {Cell|null} so many rows and columns away; beyond a table's first or last row in the next one */
  beside(rows, columns) {
    const { table: at, answer } = this.#current;
    const [row, column] = [answer.row - 1 + rows, answer.column - 1 + columns];
    if (row < 0) return this.#in(at - 1, Infinity, column);
    if (row >= this.tables[at].rows) return this.#in(at + 1, 0, column);
    return column < 0 || column >= this.tables[at].columns ? null : this.#in(at, row, column);
  }

  /** @returns {Cell|null} the first or last one of the current cell's row */
  atEnd(step) {
    const { table, answer } = this.#current;
    return this.#in(table, answer.row - 1, step < 0 ? 0 : Infinity);
  }

  #in(at, row, column) {
    const table = this.tables[at];
    if (!table) return null;
    const [last, end] = [table.rows - 1, table.columns - 1];
    return table.cells[Math.min(row, last) * table.columns + Math.min(column, end)];
  }

  #changed(...cells) {
    this.dispatchEvent(new CustomEvent('change', { detail: cells }));
  }

  #settled(cell) {
    this.dispatchEvent(new CustomEvent('settled', { detail: cell }));
  }
}
