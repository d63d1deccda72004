/** @file The tab for sheets: from a photo to corrected tables. */

import { speaker } from './answer.js';
import { download, toCsv } from './csv.js';
import { decode } from './pictures.js';
import { Delay, postPicture } from './service.js';
import { Collector } from './sheet-collect.js';
import { Grid, inWords } from './sheet-grid.js';
import { correctByKeys } from './sheet-keys.js';
import { Loupe } from './sheet-loupe.js';
import { Tables } from './sheet-tables.js';
import { View } from './sheet-view.js';

/** Longest side of the copy that cells are cut out of, in pixels. */
const SIDE = 2400;
const MAX_SECONDS = 8;
const find = (id) => document.getElementById(id);

/** Shows one sheet at a time. */
export class SheetTab {
  #view = new View(find('sheet-picture'));
  #loupe = new Loupe(find('loupe'));
  #collector = new Collector(find('kept'));
  #speaker = speaker(find('sheet-spoken'));
  #file = null;
  #source = { image: null, scale: 1 };
  /** @type {Tables|null} */
  #tables = null;
  /** Whether there are corrections that were not downloaded. */
  #unsaved = false;
  /** Grows with each sheet. */
  #generation = 0;

  constructor() {
    correctByKeys(find('tables'), () => this.#tables);
    find('tables').addEventListener('focusout', ({ relatedTarget }) => {
      if (!find('tables').contains(relatedTarget)) this.#tables?.finish();
    });
    find('download').addEventListener('click', () => this.#download());
    find('read-again').addEventListener('click', () => this.#file && this.open(this.#file));
    addEventListener('beforeunload', (event) => this.#unsaved && event.preventDefault());
    this.#collector.ask();
    this.#showState();
  }

  /** @param {File} file a picture of a sheet */
  async open(file) {
    this.#generation += 1;
    const generation = this.#generation;
    const isOld = () => generation !== this.#generation;
    [this.#file, this.#tables, this.#unsaved] = [file, null, false];
    this.#loupe.hide();
    find('tables').replaceChildren();
    this.#say('Reading the sheet …');
    const decoded = decode(file, SIDE);
    const answered = this.#read(file, isOld);
    const { image, width = 0, height = 0 } = await decoded;
    if (isOld()) return;
    this.#source = { image, scale: image ? image.width / width : 1 };
    this.#view.showPicture({ image, width, height });
    find('sheet-prompt').textContent = image ? '' : `${file.name} (no preview in this browser)`;
    try {
      const sheet = await answered;
      if (!isOld()) this.#show(sheet);
    } catch (error) {
      if (!isOld()) this.#say(error.message, true);
    }
  }

  /** Reads a sheet, again and again while the service is busy. */
  async #read(file, isOld) {
    for (let failures = 0; ; failures += 1) {
      try {
        return await postPicture(`api/tables?${parameters()}`, file);
      } catch (error) {
        if (!(error instanceof Delay) || isOld()) throw error;
        this.#say(`${error.message} Trying again …`, true);
        const seconds = Math.min(error.seconds ?? 2 ** failures, MAX_SECONDS);
        await new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
      }
    }
  }

  #show(sheet) {
    if (sheet.reason) {
      this.#say(`${capital(sheet.reason)}; the sheet should fill most of the picture, and its digits be sharp.`, true);
      return;
    }
    this.#say(sheet.truncated ? 'There is more on the sheet than is read: cut the picture into parts.' : '', true);
    const tables = new Tables(sheet);
    const grid = new Grid(find('tables'), tables);
    this.#tables = tables;
    this.#showState();
    this.#view.showTables(tables, sheet.quarter_turns);
    this.#loupe.follow(tables, grid, this.#source);
    grid.focus();
    tables.addEventListener('change', () => this.#changed());
    tables.addEventListener('settled', ({ detail }) => this.#collector.take(detail, this.#source));
  }

  #changed() {
    this.#unsaved = this.#tables.corrected > 0;
    this.#speaker.say(inWords(this.#tables.current));
    this.#showState();
  }

  #showState() {
    const left = this.#tables?.doubtful ?? 0;
    const corrected = this.#tables?.corrected ?? 0;
    const { dataset } = find('panel-sheet');
    dataset.state = this.#tables ? 'read' : find('sheet-notice').textContent ? 'waiting' : 'empty';
    dataset.doubtful = left;
    if (!this.#tables) return;
    find('left').textContent = left ? `${left}` : '✓';
    find('left-in-words').textContent = left === 0 ? 'no doubtful cell left' : left === 1 ? 'doubtful cell left' : 'doubtful cells left';
    find('corrected').textContent = [`${this.#tables.cells.length} cells`, corrected && `${corrected} corrected`].filter(Boolean).join(', ');
  }

  /** @param {string} text @param {boolean} [warns] */
  #say(text, warns = false) {
    find('sheet-notice').textContent = text;
    find('sheet-notice').classList.toggle('notice', warns);
    this.#showState();
  }

  #download() {
    if (!this.#tables) return;
    this.#tables.finish();
    const texts = this.#tables.tables.map(({ rows, columns, cells }) => (
      Array.from({ length: rows }, (_, row) => cells.slice(row * columns, (row + 1) * columns).map(({ text }) => text))
    ));
    const delimiter = find('delimiter').value;
    const ending = delimiter === '\t' ? 'tsv' : 'csv';
    const name = this.#file.name.replace(/\.[^.]*$/, '') || 'sheet';
    download(toCsv(texts, delimiter), `${name}.${ending}`, 'text/csv');
    this.#unsaved = false;
  }
}

/** What the sheet is to be read with. */
function parameters() {
  const rules = find('rules').value.split('\n').map((rule) => rule.trim()).filter(Boolean);
  const all = rules.map((rule) => ['rule', rule]);
  return new URLSearchParams(find('digits-only').checked ? [...all, ['digits_only', 'true']] : all);
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
