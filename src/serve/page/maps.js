/** @file The network's input and what decided, pixel by pixel. */

const FOR = [0x00, 0x72, 0xb2];
const AGAINST = [0xd5, 0x5e, 0x00];
/** How dark the digit shows through the map. */
const SHADE = 0.3;

/**
 * White ink on black, as the network receives it.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]|null} seen a square of values from 0 to 255, row by row; null leaves the canvas empty
 */
export function paintSeen(canvas, seen) {
  fill(canvas, seen?.length, seen && ((i) => Array(3).fill(seen[i])));
}

/**
 * The map over a pale copy of the digit, on paper.
 * @param {HTMLCanvasElement} canvas
 * @param {number[]|null} seen a square of values from 0 to 255
 * @param {number[]|null} decisive as many values from -1 (against the answer) to 1 (for it); null leaves it empty
 */
export function paintDecisive(canvas, seen, decisive) {
  fill(canvas, seen?.length, seen && decisive && ((i) => {
    const paper = 255 - SHADE * seen[i];
    const weight = decisive[i];
    const colour = weight > 0 ? FOR : AGAINST;
    // The square root keeps weak spots visible beside strong ones.
    const cover = Math.sqrt(Math.min(Math.abs(weight), 1));
    return colour.map((channel) => paper + cover * (channel - paper));
  }));
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number|undefined} count of pixels: 28×28 or 40×40, depending on which network answered
 * @param {((i: number) => number[])|null} colour of a pixel: red, green, blue
 */
function fill(canvas, count, colour) {
  const side = Math.sqrt(count ?? canvas.width ** 2);
  // Setting the size of a canvas clears it.
  canvas.width = side;
  canvas.height = side;
  if (!colour) return;
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(side, side);
  for (let i = 0; i < side * side; i += 1) {
    pixels.data.set([...colour(i), 255], 4 * i);
  }
  context.putImageData(pixels, 0, 0);
}
