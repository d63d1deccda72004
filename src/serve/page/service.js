/** @file Requests to the service, and what its errors mean. */

const TIMEOUT = 60_000;

/** The service refuses: the same request would be refused again. The message is for people. */
export class Refusal extends Error {}

/** The service cannot answer now. The message is for people. */
export class Delay extends Error {
  /** @param {string} message @param {number} [seconds] after which to retry, if the service said so */
  constructor(message, seconds) {
    super(message);
    this.seconds = seconds;
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>} the JSON of the answer
 * @throws {Refusal|Delay}
 */
export async function getJson(path) {
  return bodyOf(await request(path), 'json');
}

/** @param {string} path @returns {Promise<Blob>} @throws {Refusal|Delay} */
export async function getPicture(path) {
  return bodyOf(await request(path), 'blob');
}

/**
 * @param {string} path
 * @param {Blob} picture
 * @returns {Promise<any>} the JSON of the answer
 * @throws {Refusal|Delay}
 */
export async function postPicture(path, picture) {
  const headers = { 'Content-Type': picture.type || 'application/octet-stream' };
  return bodyOf(await request(path, { method: 'POST', headers, body: picture }), 'json');
}

async function request(path, options = {}) {
  const response = await reached(fetch(path, { ...options, signal: AbortSignal.timeout(TIMEOUT) }));
  if (response.ok) return response;
  if (response.status === 503) throw new Delay('The service is busy.', retryAfter(response));
  throw new Refusal(await detail(response));
}

function bodyOf(response, kind) {
  return reached(response[kind]());
}

/** Turns the failure of a connection into a `Delay`. */
async function reached(promise) {
  try {
    return await promise;
  } catch {
    throw new Delay('The service is not responding.');
  }
}

function retryAfter(response) {
  const seconds = Number(response.headers.get('Retry-After'));
  return seconds > 0 ? seconds : 1;
}

/** The text of a problem document, or the status if there is none. */
async function detail(response) {
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? problem?.title ?? `The service answered with status ${response.status}.`;
}
