/** @file A form: the fields on the picture of its empty sheet, as FORM.json has them. */

/** The share of the smaller of two boxes that they may have in common. */
const MAX_OVERLAP = 0.2;
const MAX_FIELDS = 1000;
/** Least width and height of a box, in pixels of the picture. */
const MIN_SIDE = 4;
const KIND = /^(digits(:([1-9]|[1-3]\d|40))?|number|date|check)$/;

/** @typedef {{name: string, type: string, box: number[]}} Field box: left, top, width and height in pixels */

/** Dispatches "change" on each change, and "select" once another field is the current one. */
export class Form extends EventTarget {
  /** @type {Field|null} */
  #current = null;

  /** @param {{name: string, reference: string, size: number[], fields: Field[], rules?: string[]}} json */
  constructor({ name, reference, size, fields, rules = [] }) {
    super();
    Object.assign(this, { name, reference, size, rules });
    /** @type {Field[]} */
    this.fields = fields.map(({ name: own, type, box }) => ({ name: own, type, box: [...box] }));
    this.#current = this.fields[0] ?? null;
  }

  /** @param {any} json of a file @returns {Form|null} null if it is not a form */
  static from(json) {
    const isPlace = (box, count) => Array.isArray(box) && box.length === count && box.every(Number.isInteger);
    const isField = (field) => typeof field?.name === 'string' && KIND.test(field.type) && isPlace(field.box, 4);
    const isForm = json?.version === 1 && isPlace(json.size, 2)
      && Array.isArray(json.fields) && json.fields.every(isField);
    return isForm ? new Form(json) : null;
  }

  get current() { return this.#current; }

  /** @param {Field|null} field */
  select(field) {
    if (field === this.#current) return;
    this.#current = field;
    this.dispatchEvent(new Event('select'));
  }

  /** @param {number[]} box @returns {Field} a new field there */
  add(box) {
    const names = new Set(this.fields.map(({ name }) => name));
    let number = this.fields.length + 1;
    while (names.has(`field ${number}`)) number += 1;
    const field = { name: `field ${number}`, type: 'number', box: this.#within(box) };
    this.fields.push(field);
    this.#changed();
    this.select(field);
    return field;
  }

  /** @param {Field} field */
  remove(field) {
    const at = this.fields.indexOf(field);
    this.fields.splice(at, 1);
    this.#changed();
    if (this.#current === field) this.select(this.fields[Math.min(at, this.fields.length - 1)] ?? null);
  }

  /** @param {Field} field @param {Partial<Field>} change */
  set(field, change) {
    Object.assign(field, change, change.box && { box: this.#within(change.box) });
    this.#changed();
  }

  /** @returns {string[]} what keeps `infer --form` from reading the form */
  problems() {
    const { fields } = this;
    if (!fields.length) return ['A form has at least one field: draw a box on the picture.'];
    if (fields.length > MAX_FIELDS) return [`A form has ${MAX_FIELDS} fields at most.`];
    const found = fields.some(({ name }) => !name.trim()) ? ['A field has no name.'] : [];
    fields.forEach((field, at) => {
      for (const other of fields.slice(0, at)) {
        if (other.name === field.name && field.name.trim()) found.push(`Two fields have the name ${field.name}.`);
        if (overlap(other.box, field.box) > MAX_OVERLAP) found.push(`The boxes of ${other.name} and ${field.name} overlap.`);
      }
    });
    return found;
  }

  /** @returns {string} the content of FORM.json */
  toJson() {
    const { name, reference, size, fields, rules } = this;
    const all = { version: 1, name, reference, size, fields, ...(rules.length && { rules }) };
    return `${JSON.stringify(all, null, 2)}\n`;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #within([left, top, width, height]) {
    const [right, bottom] = this.size;
    const clamp = (value, least, most) => Math.round(Math.min(Math.max(value, least), most));
    const [wide, high] = [clamp(width, MIN_SIDE, right), clamp(height, MIN_SIDE, bottom)];
    return [clamp(left, 0, right - wide), clamp(top, 0, bottom - high), wide, high];
  }
}

/** The share of the smaller box that lies in the other. */
function overlap(a, b) {
  const common = (at) => Math.max(0, Math.min(a[at] + a[at + 2], b[at] + b[at + 2]) - Math.max(a[at], b[at]));
  return (common(0) * common(1)) / Math.min(a[2] * a[3], b[2] * b[3]);
}
