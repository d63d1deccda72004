/** @file The picture of a sheet with its cells outlined. */

import { fit, keepSharp } from './canvas.js';

/** Colours on the paper, which is light in dark mode too. */
const CELL = '#0072b2';
const DOUBT = '#d55e00';
const HALO = '#ffffff';

/** Paints the picture, turned as it was read, and says which cell is clicked. */
export class View {
  #canvas;
  /** @type {{image: HTMLCanvasElement|null, width: number, height: number}|null} */
  #picture = null;
  /** @type {Tables|null} */
  #tables = null;
  #turns = 0;
  /** From pixels of the picture to those of the canvas. */
  #matrix = new DOMMatrix();
  #due = false;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
    keepSharp(canvas, () => this.#paint());
    canvas.addEventListener('pointerdown', (event) => {
      const cell = this.#at(event);
      if (!cell) return;
      // Else the canvas would take the focus from the cell.
      event.preventDefault();
      this.#tables.select(cell);
    });
  }

  /** @param {{image: HTMLCanvasElement|null, width: number, height: number}} picture */
  showPicture(picture) {
    [this.#picture, this.#tables, this.#turns] = [picture, null, 0];
    this.#fitFrame();
  }

  /** @param {Tables} tables @param {number} turns how often the picture was turned clockwise by 90° to be read */
  showTables(tables, turns) {
    [this.#tables, this.#turns] = [tables, turns];
    const repaint = () => this.#repaint();
    tables.addEventListener('change', repaint);
    this.#fitFrame();
  }

  #fitFrame() {
    const { width, height } = this.#turned();
    if (width) this.#canvas.parentElement.style.setProperty('--aspect', width / height);
    this.#repaint();
  }

  #turned() {
    const { width, height } = this.#picture;
    return this.#turns % 2 ? { width: height, height: width } : { width, height };
  }

  #repaint() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    this.#due = false;
    const context = this.#canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#picture?.image) return;
    const { image, width, height } = this.#picture;
    const whole = this.#turned();
    const { left, top, scale } = fit(whole, this.#canvas);
    this.#matrix = new DOMMatrix()
      .translate(left + (whole.width * scale) / 2, top + (whole.height * scale) / 2)
      .rotate(90 * this.#turns)
      .scale(scale)
      .translate(-width / 2, -height / 2);
    context.setTransform(this.#matrix);
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    if (this.#tables) this.#paintCells(context, devicePixelRatio / scale);
  }

  /** @param {number} unit pixels of the picture per CSS pixel */
  #paintCells(context, unit) {
    const { cells, current } = this.#tables;
    context.lineJoin = 'round';
    const stroke = (cell, colour, width) => {
      context.strokeStyle = colour;
      context.lineWidth = width * unit;
      context.stroke(outline(cell));
    };
    for (const cell of cells.filter(({ doubtful }) => !doubtful)) stroke(cell, `${CELL}80`, 1);
    for (const cell of cells.filter(({ doubtful }) => doubtful)) {
      context.fillStyle = `${DOUBT}40`;
      context.fill(outline(cell));
      stroke(cell, DOUBT, 1.5);
    }
    if (!current) return;
    stroke(current, HALO, 6);
    stroke(current, current.doubtful ? DOUBT : CELL, 3);
  }

  #at({ clientX, clientY }) {
    if (!this.#tables) return null;
    const box = this.#canvas.getBoundingClientRect();
    const place = new DOMPoint((clientX - box.left) * devicePixelRatio, (clientY - box.top) * devicePixelRatio);
    const { x, y } = this.#matrix.inverse().transformPoint(place);
    const context = document.createElement('canvas').getContext('2d');
    return this.#tables.cells.find((cell) => context.isPointInPath(outline(cell), x, y)) ?? null;
  }
}

function outline({ answer: { corners } }) {
  const path = new Path2D();
  corners.forEach(([x, y], i) => (i ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
  return path;
}
