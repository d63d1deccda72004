/** @file Drawing with the arrow keys, and the page's shortcuts. */

import { ASPECT } from './paper.js';

/** How far one press moves, in heights of the paper. */
const STEP = 1 / 32;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {HTMLCanvasElement} surface
 * @param {Paper} paper
 * @param {(cross: {x: number, y: number, down: boolean}|null) => void} mark shows where the pen is
 * @param {(text: string) => void} say
 */
export function drawByKeys(surface, paper, mark, say) {
  const held = new Set();
  // Where most digits start.
  let at = { x: ASPECT / 2, y: 0.25 };
  /** @type {Stroke|null} */
  let stroke = null;

  const show = () => mark({ ...at, down: stroke !== null });
  const lift = () => {
    stroke = null;
    held.clear();
  };

  const move = () => {
    const sum = (axis) => [...held].reduce((total, key) => total + ARROWS[key][axis], 0);
    at = {
      x: clamp(at.x + STEP * sum(0), ASPECT),
      y: clamp(at.y + STEP * sum(1), 1),
    };
    if (stroke) paper.extend(stroke, [at]);
  };

  const toggle = () => {
    stroke = stroke ? null : paper.begin(at);
    say(stroke ? 'pen down' : 'pen up');
  };

  surface.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) {
      // Two arrows held together move diagonally.
      held.add(event.key);
      move();
    } else if (event.key === ' ' || event.key === 'Enter') {
      if (!event.repeat) toggle();
    } else return;
    event.preventDefault();
    show();
  });
  surface.addEventListener('keyup', (event) => held.delete(event.key));
  surface.addEventListener('focus', () => surface.matches(':focus-visible') && show());

  const leave = () => {
    lift();
    mark(null);
  };
  surface.addEventListener('blur', leave);
  surface.addEventListener('pointerdown', leave);
  paper.addEventListener('change', () => {
    // Undo and clear remove the stroke under the pen.
    if (stroke && stroke !== paper.strokes.at(-1)) {
      lift();
      show();
    }
  });
}

/**
 * Ctrl+Z undoes; Escape and Delete clear.
 * @param {Paper} paper
 * @param {() => boolean} wanted whether the paper is visible
 */
export function listenForShortcuts(paper, wanted) {
  document.addEventListener('keydown', (event) => {
    if (!wanted() || event.altKey || event.shiftKey) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === 'z') paper.undo();
    else if (!command && (event.key === 'Escape' || event.key === 'Delete')) paper.clear();
    else return;
    event.preventDefault();
  });
}

function clamp(value, most) {
  return Math.min(Math.max(value, 0), most);
}
