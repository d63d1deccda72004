/** @file The network's input and what decided, pixel by pixel. */

const SIDE = 28;
const FOR = [0x00, 0x72, 0xb2];
const AGAINST = [0xd5, 0x5e, 0x00];
/** How dark the digit shows through the map. */
const SHADE = 0.3;

/**
 * White ink on black, as the network gets it.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]|null} seen 784 values from 0 to 255, row by row; null leaves the canvas empty
 */
export function paintSeen(canvas, seen) {
  fill(canvas, seen && ((i) => Array(3).fill(seen[i])));
}

/**
 * The map over a pale copy of the digit, on paper.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]|null} seen 784 values from 0 to 255
 * @param {number[]|null} decisive 784 values from -1 (against the answer) to 1 (for it); null leaves it empty
 */
export function paintDecisive(canvas, seen, decisive) {
  fill(canvas, seen && decisive && ((i) => {
    const paper = 255 - SHADE * seen[i];
    const weight = decisive[i];
    const colour = weight > 0 ? FOR : AGAINST;
    // The root lets weak spots show beside strong ones.
    const cover = Math.sqrt(Math.min(Math.abs(weight), 1));
    return colour.map((channel) => paper + cover * (channel - paper));
  }));
}

/** @param {HTMLCanvasElement} canvas @param {((i: number) => number[])|null} colour of a pixel: red, green, blue */
function fill(canvas, colour) {
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, SIDE, SIDE);
  if (!colour) return;
  const pixels = context.createImageData(SIDE, SIDE);
  for (let i = 0; i < SIDE * SIDE; i += 1) {
    pixels.data.set([...colour(i), 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
}
