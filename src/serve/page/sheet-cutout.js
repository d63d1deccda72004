/** @file Cut-outs of a picture, as if seen from straight above. */

/** Longest sides of a cut-out, in pixels. */
const MAX_WIDTH = 640;
const MAX_HEIGHT = 320;
/** What is shown around a cell, in heights of it: digits often touch its lines. */
const MARGIN = 0.12;

/**
 * @param {{image: HTMLCanvasElement, scale: number}} picture `scale` is pixels of the image per pixel of the original
 * @param {number[][]} corners clockwise from the top left, in pixels of the original
 * @returns {HTMLCanvasElement|null} null where the corners make no area
 */
export function cutOut({ image, scale }, corners) {
  const [a, b, c, d] = corners.map(([x, y]) => [x * scale, y * scale]);
  const length = ([x, y], [u, v]) => Math.hypot(u - x, v - y);
  const [across, down] = [(length(a, b) + length(d, c)) / 2, (length(a, d) + length(b, c)) / 2];
  const place = projection(a, b, c, d);
  if (!place || across < 1 || down < 1) return null;
  const margin = MARGIN * Math.min(across, down);
  const [whole, high] = [across + 2 * margin, down + 2 * margin];
  const reduced = Math.min(1, MAX_WIDTH / whole, MAX_HEIGHT / high);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(whole * reduced));
  canvas.height = Math.max(1, Math.round(high * reduced));
  const at = (x, y) => place(
    ((x + 0.5) / reduced - margin) / across,
    ((y + 0.5) / reduced - margin) / down,
  );
  fill(canvas, image, at);
  return canvas;
}

/**
 * The projective map that takes the unit square to a quadrilateral (Heckbert, 1989).
 * @returns {((u: number, v: number) => [number, number])|null}
 */
function projection([x0, y0], [x1, y1], [x2, y2], [x3, y3]) {
  const [right, under] = [[x1 - x2, y1 - y2], [x3 - x2, y3 - y2]];
  const rest = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const cross = ([a, b], [c, d]) => a * d - b * c;
  const area = cross(right, under);
  if (Math.abs(area) < 1e-6) return null;
  const [g, h] = [cross(rest, under) / area, cross(right, rest) / area];
  const [ax, bx] = [x1 - x0 + g * x1, x3 - x0 + h * x3];
  const [ay, by] = [y1 - y0 + g * y1, y3 - y0 + h * y3];
  return (u, v) => {
    const depth = g * u + h * v + 1;
    return [(ax * u + bx * v + x0) / depth, (ay * u + by * v + y0) / depth];
  };
}

/** Fills a canvas with what lies at `at` in the image; bilinear, and its edge beyond its edge. */
function fill(canvas, image, at) {
  const { width, height } = canvas;
  const ends = [at(0, 0), at(width, 0), at(width, height), at(0, height)];
  const clamp = (value, most) => Math.min(Math.max(value, 0), most);
  const [xs, ys] = [ends.map(([x]) => x), ends.map(([, y]) => y)];
  const left = clamp(Math.floor(Math.min(...xs)) - 1, image.width - 1);
  const top = clamp(Math.floor(Math.min(...ys)) - 1, image.height - 1);
  const wide = clamp(Math.ceil(Math.max(...xs)) + 2, image.width) - left;
  const high = clamp(Math.ceil(Math.max(...ys)) + 2, image.height) - top;
  const source = image.getContext('2d').getImageData(left, top, Math.max(wide, 1), Math.max(high, 1));
  const context = canvas.getContext('2d');
  const pixels = context.createImageData(width, height);
  const value = (x, y, channel) => (
    source.data[4 * (clamp(y, source.height - 1) * source.width + clamp(x, source.width - 1)) + channel]
  );
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = at(x, y);
      const [across, down] = [u - left - 0.5, v - top - 0.5];
      const [column, row] = [Math.floor(across), Math.floor(down)];
      const [s, t] = [across - column, down - row];
      const to = 4 * (y * width + x);
      for (let channel = 0; channel < 3; channel += 1) {
        const upper = (1 - s) * value(column, row, channel) + s * value(column + 1, row, channel);
        const lower = (1 - s) * value(column, row + 1, channel) + s * value(column + 1, row + 1, channel);
        pixels.data[to + channel] = (1 - t) * upper + t * lower;
      }
      pixels.data[to + 3] = 255;
    }
  }
  context.putImageData(pixels, 0, 0);
}
