/** @file The paper as pixels: on the screen, and as the PNG that is sent. */

import { ASPECT } from './paper.js';

const PAPER = '#ffffff';
const INK = '#12181f';
/** Height of a drawing that is sent, in pixels. */
const SENT_HEIGHT = 320;

/**
 * Paints the paper whenever it changes or its canvas gets another size.
 * @param {HTMLCanvasElement} canvas
 * @param {Paper} paper
 */
export function showPaper(canvas, paper) {
  let due = false;
  const repaint = () => {
    due = false;
    paint(canvas, paper);
  };
  paper.addEventListener('change', () => {
    if (!due) requestAnimationFrame(repaint);
    due = true;
  });
  keepSharp(canvas, repaint);
}

/**
 * Keeps a canvas at as many pixels as it covers on the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {() => void} repaint called after each change, which empties the canvas
 */
export function keepSharp(canvas, repaint) {
  const resize = () => {
    const box = canvas.getBoundingClientRect();
    const width = Math.round(box.width * devicePixelRatio);
    const height = Math.round(box.height * devicePixelRatio);
    if (!width || (width === canvas.width && height === canvas.height)) return;
    canvas.width = width;
    canvas.height = height;
    repaint();
  };
  new ResizeObserver(resize).observe(canvas);
  // Zooming, or moving to another screen, may change only the pixel ratio.
  addEventListener('resize', resize);
}

/**
 * @param {Paper} paper with strokes on it
 * @returns {Promise<Blob>}
 */
export function drawingAsPng(paper) {
  const canvas = document.createElement('canvas');
  const { width, height } = sentSize(paper);
  canvas.width = width;
  canvas.height = height;
  paint(canvas, paper);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** @returns {{width: number, height: number}} in pixels, of what is sent; 0 if the browser cannot tell */
export function sentSize(paper) {
  return paper.picture ?? { width: SENT_HEIGHT * ASPECT, height: SENT_HEIGHT };
}

/** @returns {{left: number, top: number, scale: number}} that show all of `inner` in the middle of `outer` */
export function fit(inner, outer) {
  const scale = Math.min(outer.width / inner.width, outer.height / inner.height);
  return {
    left: (outer.width - inner.width * scale) / 2,
    top: (outer.height - inner.height * scale) / 2,
    scale,
  };
}

function paint(canvas, paper) {
  const context = canvas.getContext('2d');
  context.fillStyle = PAPER;
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (paper.picture) paintPicture(context, paper.picture);
  paintStrokes(context, paper.strokes);
}

function paintPicture(context, picture) {
  if (!picture.image) return;
  const { left, top, scale } = fit(picture, context.canvas);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture.image, left, top, picture.width * scale, picture.height * scale);
}

function paintStrokes(context, strokes) {
  context.save();
  context.scale(context.canvas.height, context.canvas.height);
  context.strokeStyle = INK;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const { width, points } of strokes) {
    context.lineWidth = width;
    context.stroke(smoothPath(points));
  }
  context.restore();
}

/** A curve through the midpoints between the points, which are its control points. */
function smoothPath(points) {
  const path = new Path2D();
  const [first] = points;
  const last = points.at(-1);
  path.moveTo(first.x, first.y);
  for (let i = 1; i < points.length - 1; i += 1) {
    const [point, next] = [points[i], points[i + 1]];
    path.quadraticCurveTo(point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
  }
  // Some browsers skip lines of zero length; a dot has to be visible.
  path.lineTo(last.x + 1e-4, last.y);
  return path;
}
