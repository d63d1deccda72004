/** @file The page: connects the parts. */

import { Answer, NOTHING, inWords, speaker } from './answer.js';
import { Requester } from './requester.js';
import { showSheet } from './canvas.js';
import { accuracy } from './format.js';
import { drawByKeys, listenForShortcuts } from './keys.js';
import { paintDecisive, paintSeen } from './maps.js';
import { Overlay } from './overlay.js';
import { drawByPointer } from './pen.js';
import { takePictures } from './pictures.js';
import { Runs } from './runs.js';
import { Delay, getJson } from './service.js';
import { Sheet } from './sheet.js';
import { setUpTabs } from './tabs.js';

const MODEL_RETRY = 4000;
/** After this time, in milliseconds, the last answer is marked as stale or removed. */
const LATE = 500;
const find = (id) => document.getElementById(id);
const { dataset } = document.body;

const sheet = new Sheet();
const answer = new Answer();
const overlay = new Overlay(find('overlay'), sheet);
const { say, hush } = speaker(find('spoken'));
/** The generation of the sheet last seen, and the one of the answer on the page. */
let generation = 0;
let answered = 0;
let lateness = 0;

function showAnswer(reading, newest) {
  answered = sheet.generation;
  show(reading);
  find('notice').textContent = '';
  expect(!newest);
  if (!newest) return;
  say(inWords(reading));
  dataset.answered = Number(dataset.answered) + 1;
}

function show(reading) {
  answer.show(reading);
  paintMaps(reading.seen ?? null, reading.decisive ?? null);
  overlay.showReading(reading);
}

function showNothing() {
  show(NOTHING);
}

function paintMaps(seen, decisive) {
  paintSeen(find('seen'), seen);
  paintDecisive(find('decisive'), seen, decisive);
}

function refuse(reason) {
  showNothing();
  find('notice').textContent = reason;
}

/** @param {boolean} waiting for the answer about the newest drawing */
function expect(waiting) {
  clearTimeout(lateness);
  find('answer').classList.remove('stale');
  if (waiting) lateness = setTimeout(retire, LATE);
}

/** Fades the answer while ink is added, and removes it if it is about another drawing. */
function retire() {
  if (answered === sheet.generation) find('answer').classList.add('stale');
  else showNothing();
}

/** Follows the sheet: what is no longer on it is neither shown nor spoken. */
function follow() {
  hush();
  if (generation !== sheet.generation) find('notice').textContent = '';
  if (sheet.empty) {
    showNothing();
    say('', true);
  } else if (generation !== sheet.generation) {
    overlay.showReading(NOTHING);
    expect(true);
  }
  generation = sheet.generation;
  overlay.paint();
  setTools();
}

function setTools() {
  // Not `disabled`, which would take the focus from keyboard users.
  find('undo').setAttribute('aria-disabled', `${!sheet.undoable}`);
  find('clear').setAttribute('aria-disabled', `${sheet.empty}`);
  find('prompt').textContent = prompt();
}

function prompt() {
  const { picture, empty } = sheet;
  if (empty) return 'Draw one or more digits here';
  return picture?.image === null ? `${picture.name} (no preview in this browser)` : '';
}

async function showModel() {
  try {
    const { name, parameters, test_accuracy: test, version } = await getJson('api/model');
    const right = test === null ? [] : [`${accuracy(test)} accuracy on the test split`];
    const parts = [`Network ${name}`, `${parameters.toLocaleString('en')} parameters`, ...right, `mnist-tch ${version}`];
    find('model').textContent = parts.join(' · ');
  } catch (error) {
    if (error instanceof Delay) setTimeout(showModel, MODEL_RETRY);
  }
}

sheet.addEventListener('change', follow);
new Requester(sheet, {
  answered: showAnswer,
  refused: refuse,
  delayed: (reason) => { find('notice').textContent = `${reason} Trying again …`; },
  settled: (settled) => {
    dataset.settled = settled;
    expect(!settled);
  },
});

showSheet(find('surface'), sheet);
drawByPointer(find('surface'), sheet);
drawByKeys(find('surface'), sheet, (cross) => overlay.showCross(cross), (text) => say(text, true));
listenForShortcuts(sheet, () => !find('panel-draw').hidden);
find('undo').addEventListener('click', () => sheet.undo());
find('clear').addEventListener('click', () => sheet.clear());

const runs = new Runs();
const openTab = setUpTabs(['draw', 'training'], (name) => runs.watch(name === 'training'));
takePictures([find('open'), find('photo')], sheet, () => openTab('draw'));

follow();
showModel();
