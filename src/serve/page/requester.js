/** @file Sends the paper to the service as it changes: one request at a time, always its newest state. */

import { drawingAsPng } from './canvas.js';
import { Delay, postPicture } from './service.js';

/** Minimum time between the starts of two requests, in milliseconds. */
const PACE = 60;
const MAX_SECONDS = 8;

/**
 * @typedef {object} Listener
 * @property {(reading: any, newest: boolean) => void} answered
 *   `newest` is false if ink has been added meanwhile
 * @property {(reason: string) => void} refused
 * @property {(reason: string) => void} delayed the request will be repeated
 * @property {(settled: boolean) => void} settled
 */

/** Sends a request on each change of the paper. */
export class Requester {
  #paper;
  #listener;
  /** Version of the paper that needs no further request. */
  #done = 0;
  #running = false;
  #failures = 0;
  #wake = () => {};

  /** @param {Paper} paper @param {Listener} listener */
  constructor(paper, listener) {
    this.#paper = paper;
    this.#listener = listener;
    paper.addEventListener('change', () => this.#changed());
  }

  #changed() {
    // Nothing to read: no reason to wait for the service.
    if (this.#paper.empty) this.#wake();
    if (!this.#running && this.#done !== this.#paper.version) this.#run();
  }

  async #run() {
    this.#running = true;
    this.#listener.settled(false);
    while (this.#done !== this.#paper.version) {
      const { version, empty } = this.#paper;
      if (empty) this.#done = version;
      else await this.#request();
    }
    this.#running = false;
    this.#listener.settled(true);
  }

  async #request() {
    const { version, generation } = this.#paper;
    const pace = this.#pause(PACE);
    try {
      const reading = await send(this.#paper);
      this.#failures = 0;
      if (generation === this.#paper.generation) {
        this.#listener.answered(reading, version === this.#paper.version);
      }
      this.#done = version;
    } catch (error) {
      await this.#failed(error, version);
    }
    // New ink waits a little, so that drawing does not keep the service busy all the time.
    if (this.#done !== this.#paper.version) await pace;
  }

  async #failed(error, version) {
    const { message } = error;
    if (!(error instanceof Delay)) {
      this.#done = version;
      if (version === this.#paper.version) this.#listener.refused(message);
      return;
    }
    if (this.#paper.empty) return;
    this.#listener.delayed(message);
    const seconds = error.seconds ?? 2 ** this.#failures;
    this.#failures += 1;
    await this.#pause(1000 * Math.min(seconds, MAX_SECONDS));
  }

  #pause(milliseconds) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, milliseconds);
    });
  }
}

async function send(paper) {
  return postPicture('api/read?explain=true', paper.picture?.blob ?? (await drawingAsPng(paper)));
}
