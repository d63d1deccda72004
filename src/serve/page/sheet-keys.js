/** @file Correcting the cells of a sheet by keyboard. */

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
/** What numbers consist of. */
const CHARACTERS = /^[-0-9.,/:]$/;

/**
 * @param {HTMLElement} parent of the cells
 * @param {() => Tables|null} current the tables that are shown
 */
export function correctByKeys(parent, current) {
  parent.addEventListener('keydown', (event) => {
    const tables = current();
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!tables?.current || !plain || !event.target.matches('[role="gridcell"]')) return;
    if (press(tables, event)) event.preventDefault();
  });
}

/** @returns {boolean} whether the key has a meaning here */
function press(tables, { key, shiftKey }) {
  const edit = (change) => tables.edit(change);
  if (key in MOVES) tables.select(tables.beside(...MOVES[key]));
  else if (key === 'Home' || key === 'End') tables.select(tables.atEnd(key === 'Home' ? -1 : 1));
  else if (key === 'Enter') tables.confirm();
  else if (key === 'Escape') edit((cell) => cell.restore());
  else if (key === 'Backspace') edit((cell) => cell.erase());
  else if (key === 'Delete') edit((cell) => cell.take(''));
  else if (key === ' ') edit((cell) => cell.takeNext());
  else if (CHARACTERS.test(key)) edit((cell) => cell.type(key));
  else if (key === 'Tab') {
    const next = tables.next(shiftKey ? -1 : 1);
    // Beyond the last one, the focus leaves the tables as usual.
    if (!next) return false;
    tables.select(next);
  } else return false;
  return true;
}
