/** @file Pictures of a run that are replaced by newer ones without flicker. */

import { Refusal, getPicture } from './service.js';

/** One picture, within a link that shows it in full, or a text if there is none. */
export class Plot {
  #image;
  #link;
  #note;
  #key = '';

  /** @param {HTMLImageElement} image within a link, which is followed by a paragraph */
  constructor(image) {
    this.#image = image;
    this.#link = image.parentElement;
    this.#note = this.#link.nextElementSibling;
  }

  /**
   * @param {string} path
   * @param {string} key nothing is loaded if it is the same as the last one's
   * @param {string} alt
   */
  async load(path, key, alt) {
    if (key === this.#key) return;
    this.#key = key;
    const outcome = await getPicture(path).then(decoded, (error) => error);
    // Another one may have been requested meanwhile.
    if (key !== this.#key) {
      if (typeof outcome === 'string') URL.revokeObjectURL(outcome);
    } else if (typeof outcome === 'string') this.#show(outcome, path, alt);
    else if (outcome instanceof Refusal) this.#hide(outcome.message);
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

  #hide(reason) {
    this.#link.hidden = true;
    this.#note.hidden = false;
    this.#note.textContent = reason;
  }
}

/** @param {Blob} blob @returns {Promise<string>} its URL, once the browser can paint it without delay */
async function decoded(blob) {
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  await image.decode();
  return image.src;
}
