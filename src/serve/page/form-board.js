/** @file The boxes of a form on its picture: drawn, dragged, resized, or moved by keyboard. */

import { element } from './element.js';

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** By corner, how its move changes left, top, width and height. */
const CORNERS = {
  nw: [1, 1, -1, -1], ne: [0, 1, 1, -1], se: [0, 0, 1, 1], sw: [1, 0, -1, 1],
};
const WHOLE = [1, 1, 0, 0];
/** A smaller drag on the picture draws nothing, in CSS pixels. */
const LEAST = 6;

/** Shows the boxes of a form, and changes them. */
export class Board {
  #board;
  /** @type {Form|null} */
  #form = null;
  /** @type {Map<Field, HTMLElement>} */
  #boxes = new Map();

  /** @param {HTMLElement} board over the picture */
  constructor(board) {
    this.#board = board;
    board.addEventListener('pointerdown', (event) => event.target === board && event.button === 0 && this.#draw(event));
  }

  /** @param {Form} form */
  follow(form) {
    this.#form = form;
    this.#boxes.clear();
    form.addEventListener('change', () => this.#show());
    form.addEventListener('select', () => this.#show());
    this.#show();
  }

  #show() {
    const { fields, current } = this.#form;
    for (const [field, box] of this.#boxes) {
      if (fields.includes(field)) continue;
      box.remove();
      this.#boxes.delete(field);
    }
    for (const field of fields) {
      if (!this.#boxes.has(field)) this.#boxes.set(field, this.#make(field));
      this.#place(field, this.#boxes.get(field), field === current);
    }
    const all = [...this.#boxes.values()];
    if (this.#board.childElementCount !== all.length) this.#board.replaceChildren(...all);
  }

  #place({ name, type, box }, place, current) {
    const [width, height] = this.#form.size;
    ['left', 'top', 'width', 'height'].forEach((side, at) => {
      place.style[side] = `${(100 * box[at]) / (at % 2 ? height : width)}%`;
    });
    place.classList.toggle('current', current);
    place.setAttribute('aria-label', `${name}, ${type}, at ${box[0]}, ${box[1]}, ${box[2]} by ${box[3]} pixels`);
    place.firstChild.textContent = name;
  }

  #make(field) {
    const box = element('div', 'field');
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.append(element('span', 'tag'));
    for (const corner of Object.keys(CORNERS)) {
      const handle = element('i', corner);
      handle.addEventListener('pointerdown', (event) => this.#drag(event, field, CORNERS[corner]));
      box.append(handle);
    }
    box.addEventListener('pointerdown', (event) => this.#drag(event, field, WHOLE));
    box.addEventListener('focus', () => this.#form.select(field));
    box.addEventListener('keydown', (event) => this.#press(event, field));
    return box;
  }

  #press(event, field) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    if (key in MOVES) {
      const [x, y] = MOVES[key];
      const change = shiftKey ? [0, 0, x, y] : [x, y, 0, 0];
      this.#form.set(field, { box: field.box.map((at, i) => at + change[i]) });
    } else if (key === 'Delete' || key === 'Backspace') {
      this.#form.remove(field);
      this.#boxes.get(this.#form.current)?.focus();
    } else return;
    event.preventDefault();
  }

  /** Pixels of the picture per CSS pixel. */
  #scale() {
    return this.#form.size[0] / this.#board.getBoundingClientRect().width;
  }

  #drag(event, field, change) {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    this.#boxes.get(field).focus({ preventScroll: true });
    const start = field.box;
    const [scale, from] = [this.#scale(), [event.clientX, event.clientY]];
    this.#track(event, ({ clientX, clientY }) => {
      const by = [clientX - from[0], clientY - from[1]];
      const box = start.map((at, i) => at + change[i] * by[i % 2] * scale);
      if (box[2] > 0 && box[3] > 0) this.#form.set(field, { box });
    });
  }

  #draw(event) {
    if (!this.#form) return;
    event.preventDefault();
    const edge = this.#board.getBoundingClientRect();
    const scale = this.#scale();
    const from = [event.clientX, event.clientY];
    let field = null;
    this.#track(event, ({ clientX, clientY }) => {
      const to = [clientX, clientY];
      const size = to.map((at, i) => Math.abs(at - from[i]));
      if (!field && Math.min(...size) < LEAST) return;
      const corner = to.map((at, i) => Math.min(at, from[i]) - (i ? edge.top : edge.left));
      const box = [...corner, ...size].map((length) => length * scale);
      if (field) this.#form.set(field, { box });
      else field = this.#form.add(box);
    });
  }

  /** Calls `move` until the pointer is lifted. */
  #track({ pointerId }, move) {
    const board = this.#board;
    board.setPointerCapture(pointerId);
    const follow = (event) => event.pointerId === pointerId && move(event);
    const end = (event) => {
      if (event.pointerId !== pointerId) return;
      board.removeEventListener('pointermove', follow);
      for (const name of ['pointerup', 'pointercancel']) board.removeEventListener(name, end);
    };
    board.addEventListener('pointermove', follow);
    for (const name of ['pointerup', 'pointercancel']) board.addEventListener(name, end);
  }
}
