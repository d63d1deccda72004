/** @file Sends what was corrected to the folder that `serve --collect` names, if it does. */

import { getJson, postPicture } from './service.js';
import { cutOut } from './sheet-cutout.js';

/** Sends corrections one after the other. */
export class Collector {
  #note;
  #folder = null;
  #count = 0;
  #queue = Promise.resolve();
  /** @type {WeakMap<Cell, string>} the text with which a cell was last sent */
  #sent = new WeakMap();

  /** @param {HTMLElement} note says what is kept */
  constructor(note) {
    this.#note = note;
  }

  /** Asks the service whether it keeps corrections. */
  async ask() {
    try {
      const { folder } = await getJson('api/corrections');
      this.#folder = folder;
      this.#say('');
    } catch (error) {
      this.#say(error.message);
    }
  }

  /** @param {Cell} cell that a person has finished @param {{image: HTMLCanvasElement|null, scale: number}} source */
  take(cell, source) {
    const { text, answer } = cell;
    if (this.#folder === null || !source.image || text === (this.#sent.get(cell) ?? answer.text)) return;
    const picture = cutOut(source, answer.corners);
    if (!picture) return;
    this.#sent.set(cell, text);
    this.#queue = this.#queue.then(() => this.#send(picture, text, answer.text));
  }

  async #send(picture, text, read) {
    try {
      const blob = await new Promise((resolve) => { picture.toBlob(resolve, 'image/png'); });
      await postPicture(`api/corrections?${new URLSearchParams({ text, read })}`, blob);
      this.#count += 1;
      this.#say('');
    } catch (error) {
      this.#say(`“${text}” was not kept: ${error.message}`);
    }
  }

  #say(problem) {
    const place = this.#folder;
    const kept = place === null
      ? 'Nothing is kept, and nothing leaves the machine that runs mnist-tch.'
      : `Corrected cells are kept in ${place} on the machine that runs mnist-tch${this.#count ? `: ${this.#count} so far` : ''}.`;
    this.#note.textContent = problem || kept;
    this.#note.classList.toggle('notice', Boolean(problem));
    this.#note.dataset.kept = this.#count;
  }
}
