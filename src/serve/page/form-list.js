/** @file The fields of a form by name and type, in the order of the columns of the output. */

import { element } from './element.js';

const KINDS = ['digits', 'number', 'date', 'check'];

/** Shows the fields of a form, and changes their names and types. */
export class FieldList {
  #parent;
  /** @type {Form} */
  #form;
  /** @type {Map<Field, HTMLElement>} */
  #rows = new Map();

  /** @param {HTMLElement} parent a table's body */
  constructor(parent) {
    this.#parent = parent;
  }

  /** @param {Form} form */
  follow(form) {
    this.#form = form;
    this.#rows.clear();
    this.#parent.replaceChildren();
    form.addEventListener('change', () => this.#show());
    form.addEventListener('select', () => this.#show());
    this.#show();
  }

  #show() {
    const { fields, current } = this.#form;
    for (const [field, row] of this.#rows) {
      if (fields.includes(field)) continue;
      row.remove();
      this.#rows.delete(field);
    }
    for (const field of fields) {
      if (!this.#rows.has(field)) {
        this.#rows.set(field, this.#make(field));
        this.#parent.append(this.#rows.get(field));
      }
      this.#rows.get(field).classList.toggle('current', field === current);
    }
  }

  /** A row is made once, so that typing in it is not disturbed. */
  #make(field) {
    const row = element('tr');
    const name = element('input');
    name.value = field.name;
    name.setAttribute('aria-label', 'Name');
    name.addEventListener('input', () => this.#form.set(field, { name: name.value }));

    const [own, digits = ''] = field.type.split(':');
    const kind = element('select');
    kind.setAttribute('aria-label', 'Type');
    kind.append(...KINDS.map((each) => new Option(each, each, false, each === own)));
    const count = element('input', 'digits');
    Object.assign(count, { type: 'number', min: 1, max: 40, value: digits, placeholder: 'any' });
    count.setAttribute('aria-label', 'Number of digits');
    const change = () => {
      count.hidden = kind.value !== 'digits';
      const some = Math.min(Math.max(Math.trunc(count.valueAsNumber), 1), 40);
      this.#form.set(field, { type: count.hidden || !some ? kind.value : `digits:${some}` });
    };
    count.hidden = own !== 'digits';
    kind.addEventListener('change', change);
    count.addEventListener('input', change);

    const remove = element('button', 'remove', '×');
    remove.type = 'button';
    remove.setAttribute('aria-label', 'Delete');
    remove.addEventListener('click', () => this.#form.remove(field));
    row.addEventListener('focusin', () => this.#form.select(field));
    row.append(...[[name], [kind, count], [remove]].map((parts) => {
      const cell = element('td');
      cell.append(...parts);
      return cell;
    }));
    return row;
  }
}
