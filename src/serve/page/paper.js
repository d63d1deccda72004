/**
 * @file The paper: strokes or a picture, with undo.
 *
 * Coordinates are in heights of the paper: y from 0 to 1, x from 0 to `ASPECT`.
 */

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{width: number, points: Point[]}} Stroke */
/**
 * @typedef {object} Picture
 * @property {Blob} blob the bytes as they were given
 * @property {string} name
 * @property {CanvasImageSource|null|undefined} image to be shown; null: it cannot be shown, undefined: not known yet
 * @property {number} width of the original, in pixels
 * @property {number} height
 */
/** @typedef {{strokes: Stroke[], picture: Picture|null}} State */

/** Width of the paper in heights: room for a large digit, and for several beside each other. */
export const ASPECT = 1.5;

const PEN = 1 / 18;
const MAX_UNDOS = 100;

/** Dispatches a "change" event on each change. */
export class Paper extends EventTarget {
  /** @type {State} */
  #state = { strokes: [], picture: null };
  /** @type {State[]} */
  #past = [];
  /** Grows with each change. */
  version = 0;
  /** Grows with each change that is not just more ink on the same drawing. */
  generation = 0;

  get strokes() { return this.#state.strokes; }
  get picture() { return this.#state.picture; }
  get empty() { return !this.picture && this.strokes.length === 0; }
  get undoable() { return this.#past.length > 0; }

  /** @param {Point} point @returns {Stroke} to be continued by `extend` */
  begin(point) {
    const stroke = { width: PEN, points: [point] };
    // `strokes` is empty if there is a picture, so drawing replaces it.
    const fresh = this.picture !== null || this.empty;
    this.#replace({ strokes: [...this.strokes, stroke], picture: null }, fresh);
    return stroke;
  }

  /** @param {Stroke} stroke @param {Point[]} points; without effect if the stroke was undone meanwhile */
  extend(stroke, points) {
    if (stroke !== this.strokes.at(-1)) return;
    stroke.points.push(...points);
    this.#changed(false);
  }

  /** @param {Picture} picture replaces what is there */
  show(picture) {
    this.#replace({ strokes: [], picture }, true);
  }

  clear() {
    if (!this.empty) this.#replace({ strokes: [], picture: null }, true);
  }

  undo() {
    const before = this.#past.pop();
    if (!before) return;
    this.#state = before;
    this.#changed(true);
  }

  #replace(state, fresh) {
    this.#past = [...this.#past, this.#state].slice(-MAX_UNDOS);
    this.#state = state;
    this.#changed(fresh);
  }

  #changed(fresh) {
    this.version += 1;
    if (fresh) this.generation += 1;
    this.dispatchEvent(new Event('change'));
  }
}
