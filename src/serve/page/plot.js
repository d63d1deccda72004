/** @file Pictures of a run that give way to newer ones without flicker. */

import { Refusal, getPicture } from './service.js';

/** One picture, within a link that shows it in full, and a text where there is none. */
export class Plot {
  #image;
  #link;
  #note;
  #key = '';

  /** @param {HTMLImageElement} image within a link, which a paragraph follows */
  constructor(image) {
    this.#image = image;
    this.#link = image.parentElement;
    this.#note = this.#link.nextElementSibling;
  }

  /**
   * @param {string} path
   * @param {string} key nothing is loaded where it is the last one's
   * @param {string} alt
   */
  async load(path, key, alt) {
    if (key === this.#key) return;
    this.#key = key;
    const outcome = await getPicture(path).then(decoded, (error) => error);
    // Another one may have been asked for meanwhile.
    if (key !== this.#key) {
      if (typeof outcome === 'string') URL.revokeObjectURL(outcome);
    } else if (typeof outcome === 'string') this.#show(outcome, path, alt);
    else if (outcome instanceof Refusal) this.#leaveOut(outcome.message);
    else this.#key = '';
  }

  #show(url, path, alt) {
    URL.revokeObjectURL(this.#image.src);
    this.#image.src = url;
    this.#image.alt = alt;
    this.#link.href = path;
    this.#link.hidden = false;
    this.#note.hidden = true;
  }

  #leaveOut(reason) {
    this.#link.hidden = true;
    this.#note.hidden = false;
    this.#note.textContent = reason;
  }
}

/** @param {Blob} blob @returns {Promise<string>} its address, once the browser can paint it at once */
async function decoded(blob) {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return image.src;
}
