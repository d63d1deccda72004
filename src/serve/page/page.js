/** @file The page: connects the parts. */

import { Answer, NOTHING, inWords, speaker } from './answer.js';
import { Requester } from './requester.js';
import { showPaper } from './canvas.js';
import { FormTab } from './form-tab.js';
import { accuracy } from './format.js';
import { drawByKeys, listenForShortcuts } from './keys.js';
import { paintDecisive, paintSeen } from './maps.js';
import { Overlay } from './overlay.js';
import { Paper } from './paper.js';
import { drawByPointer } from './pen.js';
import { decode, takeAnywhere, takeChosen } from './pictures.js';
import { Runs } from './runs.js';
import { Delay, getJson } from './service.js';
import { SheetTab } from './sheet-tab.js';
import { setUpTabs } from './tabs.js';

const MODEL_RETRY = 4000;
/** After this time, in milliseconds, the last answer is marked as stale or removed. */
const LATE = 500;
/** The longest side of the copy of a picture that is shown; the service gets the original. */
const SHOWN_SIDE = 1600;
const find = (id) => document.getElementById(id);
const { dataset } = document.body;

const paper = new Paper();
const answer = new Answer();
const overlay = new Overlay(find('overlay'), paper);
const { say, hush } = speaker(find('spoken'));
/** The generation of the paper last seen, and the one of the answer on the page. */
let generation = 0;
let answered = 0;
let lateness = 0;

function showAnswer(reading, newest) {
  answered = paper.generation;
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
  if (answered === paper.generation) find('answer').classList.add('stale');
  else showNothing();
}

/** Follows the paper: what is no longer on it is neither shown nor spoken. */
function follow() {
  hush();
  if (generation !== paper.generation) find('notice').textContent = '';
  if (paper.empty) {
    showNothing();
    say('', true);
  } else if (generation !== paper.generation) {
    overlay.showReading(NOTHING);
    expect(true);
  }
  generation = paper.generation;
  overlay.paint();
  setTools();
}

function setTools() {
  // Not `disabled`, which would take the focus from keyboard users.
  find('undo').setAttribute('aria-disabled', `${!paper.undoable}`);
  find('clear').setAttribute('aria-disabled', `${paper.empty}`);
  find('prompt').textContent = prompt();
}

function prompt() {
  const { picture, empty } = paper;
  if (empty) return 'Draw one or more digits here';
  return picture?.image === null ? `${picture.name} (no preview in this browser)` : '';
}

async function putOnPaper(file) {
  const picture = { blob: file, name: file.name, image: undefined, width: 0, height: 0 };
  paper.show(picture);
  openTab('draw');
  Object.assign(picture, await decode(file, SHOWN_SIDE));
  paper.dispatchEvent(new Event('change'));
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

paper.addEventListener('change', follow);
new Requester(paper, {
  answered: showAnswer,
  refused: refuse,
  delayed: (reason) => { find('notice').textContent = `${reason} Trying again …`; },
  settled: (settled) => {
    dataset.settled = settled;
    expect(!settled);
  },
});

showPaper(find('surface'), paper);
drawByPointer(find('surface'), paper);
drawByKeys(find('surface'), paper, (cross) => overlay.showCross(cross), (text) => say(text, true));
listenForShortcuts(paper, () => !find('panel-draw').hidden);
find('undo').addEventListener('click', () => paper.undo());
find('clear').addEventListener('click', () => paper.clear());

const runs = new Runs();
const sheets = new SheetTab();
const forms = new FormTab();
const openTab = setUpTabs(['draw', 'training', 'sheet', 'form'], (name) => runs.watch(name === 'training'));
takeChosen([find('open'), find('photo')], putOnPaper);
takeChosen([find('open-sheet'), find('photo-sheet')], (file) => sheets.open(file));
takeChosen([find('open-form')], (file) => forms.open(file));
takeAnywhere((file) => {
  if (!find('panel-sheet').hidden) sheets.open(file);
  else if (!find('panel-form').hidden) forms.open(file);
  else putOnPaper(file);
});

follow();
showModel();
