/** @file Pictures that are opened, photographed, pasted or dropped. */

/** The longest side of the copy that is shown; the service gets the original. */
const SHOWN_SIDE = 1600;

/**
 * @param {HTMLInputElement[]} inputs
 * @param {Sheet} sheet
 * @param {() => void} arrived called once a picture is on the sheet
 */
export function takePictures(inputs, sheet, arrived) {
  const take = (file) => {
    if (!file) return;
    putOn(sheet, file);
    arrived();
  };
  for (const input of inputs) {
    input.addEventListener('change', () => {
      take(input.files[0]);
      // So that the same file can be chosen again.
      input.value = '';
    });
  }
  document.addEventListener('paste', (event) => {
    take([...event.clipboardData.files].find(({ type }) => type.startsWith('image/')));
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
    take(event.dataTransfer.files[0]);
  });
}

async function putOn(sheet, file) {
  const picture = { blob: file, name: file.name, image: undefined, width: 0, height: 0 };
  sheet.show(picture);
  Object.assign(picture, await decode(file));
  sheet.dispatchEvent(new Event('change'));
}

/** @returns what to show of a picture; `image` is null if the browser does not know its format */
async function decode(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const image = reduced(bitmap);
    bitmap.close();
    return { image, width, height };
  } catch {
    return { image: null };
  }
}

function reduced(bitmap) {
  const scale = Math.min(1, SHOWN_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}
