/** @file Pictures that are opened, photographed, pasted or dropped. */

/**
 * @param {HTMLInputElement[]} inputs for files
 * @param {(file: File) => void} take
 */
export function takeChosen(inputs, take) {
  for (const input of inputs) {
    input.addEventListener('change', () => {
      const [file] = input.files;
      // So that the same file can be chosen again.
      input.value = '';
      if (file) take(file);
    });
  }
}

/** @param {(file: File) => void} take what is pasted or dropped anywhere on the page */
export function takeAnywhere(take) {
  document.addEventListener('paste', (event) => {
    const file = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
    if (file) take(file);
  });
  takeDrops(take);
}

function takeDrops(take) {
  const { classList } = document.body;
  const holdsFile = (event) => event.dataTransfer.types.includes('Files');

  document.addEventListener('dragover', (event) => {
    if (!holdsFile(event)) return;
    // Without this, the browser would open the file in place of the page.
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    classList.add('dropping');
  });
  document.addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) classList.remove('dropping');
  });
  document.addEventListener('drop', (event) => {
    classList.remove('dropping');
    if (!holdsFile(event)) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (file) take(file);
  });
}

/**
 * @param {Blob} file
 * @param {number} side longest side of the copy, in pixels
 * @returns {Promise<{image: HTMLCanvasElement|null, width?: number, height?: number}>} a copy, and the picture's own
 *   width and height; `image` is null if the browser does not know its format
 */
export async function decode(file, side) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const image = reduced(bitmap, side);
    bitmap.close();
    return { image, width, height };
  } catch {
    return { image: null };
  }
}

function reduced(bitmap, side) {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  // Cells are cut out of it.
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
