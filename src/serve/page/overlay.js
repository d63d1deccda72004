/** @file The overlay of the paper, which is not sent: boxes around digits and unread ink, and the keyboard's pen. */

import { fit, keepSharp, sentSize } from './canvas.js';

/** Colours on the paper, which is white in dark mode too. */
const READ = '#0072b2';
const UNREAD = '#d55e00';
const LABEL = '#ffffff';
const CROSS = '#d55e00';
/** Sizes in CSS pixels. */
const LINE = 2;
const LABEL_SIZE = 18;
const CROSS_SIZE = 14;

/** Paints over the paper. */
export class Overlay {
  #canvas;
  #paper;
  #boxes = [];
  #cross = null;

  /** @param {HTMLCanvasElement} canvas @param {Paper} paper below it */
  constructor(canvas, paper) {
    this.#canvas = canvas;
    this.#paper = paper;
    keepSharp(canvas, () => this.paint());
  }

  /** @param {Reading} reading of what was sent; a drawing that was read as one digit needs no box */
  showReading({ digits, signs, unread }) {
    const [first] = digits;
    const beside = [...signs, ...unread];
    const plain = !this.#paper.picture && digits.length === 1 && first.digit !== null && !beside.length;
    const read = digits.map(({ digit, box }) => ({ box, label: `${digit ?? '?'}`, colour: digit === null ? UNREAD : READ }));
    const marks = signs.map(({ character, box }) => ({ box, label: character, colour: READ }));
    const rest = unread.map((box) => ({ box, label: '', colour: UNREAD }));
    this.#boxes = plain ? [] : [...rest, ...marks, ...read];
    this.paint();
  }

  /** @param {{x: number, y: number, down: boolean}|null} cross in coordinates of the paper */
  showCross(cross) {
    this.#cross = cross;
    this.paint();
  }

  paint() {
    const { width, height } = this.#canvas;
    const context = this.#canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.scale(devicePixelRatio, devicePixelRatio);
    const area = { width: width / devicePixelRatio, height: height / devicePixelRatio };
    this.#paintBoxes(context, area);
    if (this.#cross) paintCross(context, area, this.#cross);
  }

  #paintBoxes(context, area) {
    const sent = sentSize(this.#paper);
    // A picture that the browser cannot show has no place to put boxes.
    if (!sent.width) return;
    const { left, top, scale } = fit(sent, area);
    for (const { box, label, colour } of this.#boxes) {
      const [x, y, width, height] = box.map((length) => length * scale);
      paintBox(context, { x: left + x, y: top + y, width, height }, label, colour);
    }
  }
}

function paintBox(context, { x, y, width, height }, label, colour) {
  context.strokeStyle = colour;
  context.lineWidth = LINE;
  context.beginPath();
  context.roundRect(x - LINE, y - LINE, width + 2 * LINE, height + 2 * LINE, 4);
  context.stroke();
  if (!label) return;

  const top = Math.max(y - LINE - LABEL_SIZE, 0);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x - 1.5 * LINE, top, LABEL_SIZE, LABEL_SIZE, 4);
  context.fill();
  context.fillStyle = LABEL;
  context.font = `600 ${LABEL_SIZE - 5}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(label, x - 1.5 * LINE + LABEL_SIZE / 2, top + LABEL_SIZE / 2 + 1);
}

function paintCross(context, area, { x, y, down }) {
  const [left, top] = [x * area.height, y * area.height];
  context.strokeStyle = CROSS;
  context.lineWidth = LINE;
  context.beginPath();
  context.moveTo(left - CROSS_SIZE, top);
  context.lineTo(left + CROSS_SIZE, top);
  context.moveTo(left, top - CROSS_SIZE);
  context.lineTo(left, top + CROSS_SIZE);
  context.stroke();
  context.beginPath();
  context.arc(left, top, CROSS_SIZE / 2, 0, 2 * Math.PI);
  context.fillStyle = down ? CROSS : LABEL;
  context.fill();
  context.stroke();
}
