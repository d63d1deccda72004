/** @file The second tab: runs and their pictures. */

import { accuracy } from './format.js';
import { Plot } from './plot.js';
import { getJson } from './service.js';

const INTERVAL = 2000;
const find = (id) => document.getElementById(id);

/** Polls the runs while the tab is visible. */
export class Runs {
  #select = find('run');
  #plots = Object.fromEntries(['curves', 'confusion', 'samples'].map((id) => [id, new Plot(find(id))]));
  #runs = [];
  /** The name of the run that the user chose; null: the newest is followed. */
  #chosen = null;
  #visible = false;
  #polling = false;
  #timer = 0;

  constructor() {
    this.#select.addEventListener('change', () => {
      this.#chosen = this.#select.selectedIndex === 0 ? null : this.#select.value;
      this.#showRun();
    });
    document.addEventListener('visibilitychange', () => this.#poll());
  }

  /** @param {boolean} visible whether the tab is visible */
  watch(visible) {
    this.#visible = visible;
    this.#poll();
  }

  async #poll() {
    clearTimeout(this.#timer);
    if (!this.#visible || document.hidden || this.#polling) return;
    this.#polling = true;
    try {
      this.#show(await getJson('api/runs'));
      find('runs-notice').textContent = '';
    } catch (error) {
      find('runs-notice').textContent = error.message;
    }
    this.#polling = false;
    this.#timer = setTimeout(() => this.#poll(), INTERVAL);
  }

  #show({ folder, runs }) {
    this.#runs = runs;
    const none = runs.length === 0;
    find('pick-run').hidden = none;
    find('plots').hidden = none;
    find('no-run').hidden = !none;
    if (none) return sayNone(folder);
    if (!runs.some(({ name }) => name === this.#chosen)) this.#chosen = null;
    this.#fillSelect();
    this.#showRun();
  }

  #fillSelect() {
    const options = [...this.#select.options];
    const same = options.length === this.#runs.length
      && options.every(({ value }, i) => value === this.#runs[i].name);
    // An open list stays open if only the texts change.
    if (!same) this.#select.replaceChildren(...this.#runs.map(({ name }) => new Option('', name)));
    this.#runs.forEach((run, i) => setText(this.#select.options[i], `${run.name} · ${state(run)}`));
    this.#select.value = this.#current().name;
  }

  #current() {
    return this.#runs.find(({ name }) => name === this.#chosen) ?? this.#runs[0];
  }

  #showRun() {
    const run = this.#current();
    setText(find('run-state'), about(run));
    const progress = find('run-progress');
    progress.hidden = run.state !== 'training';
    progress.max = run.epochs;
    progress.value = run.epoch;

    const folder = `api/runs/${encodeURIComponent(run.name)}`;
    const version = encodeURIComponent(run.version);
    const key = `${run.name} ${run.version}`;
    const alts = altTexts(run);
    this.#plots.curves.load(`${folder}/curves.png?v=${version}`, key, alts.curves);
    this.#plots.confusion.load(`${folder}/confusion.png?v=${version}`, key, alts.confusion);
    this.#plots.samples.load(`${folder}/samples.png`, key, alts.samples);
  }
}

function state({ state: name, epoch, epochs, validation_accuracy: validation, test_accuracy: test }) {
  if (name === 'training') return epoch ? `training, epoch ${epoch} of ${epochs}` : 'training, first epoch';
  if (name === 'interrupted') return epoch ? `interrupted after epoch ${epoch} of ${epochs}` : 'interrupted in the first epoch';
  if (test !== null) return `finished, ${accuracy(test)} on the test split`;
  return validation === null ? 'finished' : `finished, ${accuracy(validation)} on the validation split`;
}

function about({ network, data, validation_accuracy: validation, started }) {
  const start = new Date(started).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
  const right = validation === null ? [] : [`${accuracy(validation)} on the validation split`];
  return [`${network} on ${data}`, ...right, `started ${start}`].join(' · ');
}

function altTexts(run) {
  const validation = run.validation_accuracy;
  const right = validation === null ? '' : `; ${accuracy(validation)} accuracy on the validation split`;
  const test = run.test_accuracy === null ? '' : `; ${accuracy(run.test_accuracy)} accuracy on the test split`;
  return {
    curves: `Loss and accuracy of ${run.network} on ${run.data} after ${run.epoch} of ${run.epochs} epochs${right}${test}`,
    confusion: `Confusion matrix of ${run.network}: which digits are taken for which${right}${test}`,
    samples: `Digits of ${run.data} with their labels`,
  };
}

function sayNone(folder) {
  const command = document.createElement('code');
  command.textContent = 'mnist-tch train';
  find('no-run').replaceChildren(
    `No run in ${folder} yet: `, command, ' starts one, and its curves are shown here while it trains.',
  );
}

/** Writes only changes, so that nothing is announced or laid out again. */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
