/** @file The tab for forms: from a picture of the empty sheet to FORM.json. */

import { download } from './csv.js';
import { Board } from './form-board.js';
import { FieldList } from './form-list.js';
import { Form } from './form-model.js';
import { decode } from './pictures.js';
import { postPicture } from './service.js';

/** Longest side of the copy that is shown, in pixels. */
const SIDE = 2000;
const find = (id) => document.getElementById(id);

/** Shows one form at a time. */
export class FormTab {
  #board = new Board(find('form-board'));
  #list = new FieldList(find('form-fields'));
  /** @type {Form|null} */
  #form = null;
  /** A form that was opened before its picture. @type {Form|null} */
  #waiting = null;
  /** Width and height of the picture. */
  #size = [0, 0];
  /** Grows with each file. */
  #generation = 0;

  constructor() {
    find('form-download').addEventListener('click', () => {
      if (this.#form) download(this.#form.toJson(), `${this.#form.name}.json`, 'application/json');
    });
  }

  /** @param {File} file a picture of an empty form, or a FORM.json */
  async open(file) {
    this.#generation += 1;
    const generation = this.#generation;
    const isOld = () => generation !== this.#generation;
    const isJson = file.type === 'application/json' || file.name.endsWith('.json');
    try {
      await (isJson ? this.#openForm(file, isOld) : this.#openPicture(file, isOld));
    } catch (error) {
      if (!isOld()) this.#say(error.message, true);
    }
  }

  async #openForm(file, isOld) {
    const json = await file.text().then(JSON.parse).catch(() => null);
    if (isOld()) return;
    const form = Form.from(json);
    if (!form) this.#say(`${file.name} is not a form as mnist-tch form new writes it.`, true);
    else if (this.#fits(form)) this.#show(form);
    else {
      this.#waiting = form;
      this.#say(`Now open its picture, ${form.reference}.`);
    }
  }

  async #openPicture(file, isOld) {
    this.#say('Looking for boxes …');
    const { image, width, height } = await decode(file, SIDE);
    if (isOld()) return;
    if (!image) throw new Error(`This browser cannot show ${file.name}; open a PNG or JPEG file.`);
    this.#size = [width, height];
    this.#paint(image);
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting && this.#fits(waiting)) this.#show(waiting);
    else if (waiting) throw new Error(`The form was made for ${waiting.size.join('×')} pixels; this picture has ${width}×${height}.`);
    else await this.#find(file, isOld);
  }

  /** Has the service find the boxes; where it finds none, they are drawn by hand. */
  async #find(file, isOld) {
    const name = file.name.replace(/\.[^.]*$/, '') || 'form';
    const empty = { name, reference: file.name, size: this.#size, fields: [] };
    try {
      const found = await postPicture(`api/form?${new URLSearchParams({ file: file.name })}`, file);
      if (!isOld()) this.#show(new Form({ ...found, size: this.#size }));
    } catch (error) {
      if (!isOld()) this.#show(new Form(empty));
      throw error;
    }
  }

  #fits({ size }) {
    // The service may round differently.
    return size.every((length, at) => Math.abs(length - this.#size[at]) <= 1 + this.#size[at] / 1000);
  }

  #paint(image) {
    const canvas = find('form-picture');
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext('2d').drawImage(image, 0, 0);
    canvas.parentElement.style.setProperty('--aspect', image.width / image.height);
    find('form-prompt').textContent = '';
  }

  #show(form) {
    this.#form = form;
    this.#say('');
    find('panel-form').dataset.state = 'read';
    this.#board.follow(form);
    this.#list.follow(form);
    form.addEventListener('change', () => this.#check());
    this.#check();
  }

  #check() {
    const { fields } = this.#form;
    find('form-count').textContent = `${fields.length}`;
    find('form-count-in-words').textContent = fields.length === 1 ? 'field' : 'fields';
    find('form-problem').textContent = this.#form.problems()[0] ?? '';
  }

  /** @param {string} text @param {boolean} [warns] */
  #say(text, warns = false) {
    find('form-notice').textContent = text;
    find('form-notice').classList.toggle('notice', warns);
  }
}
