/** @file Requests to the service, and what its errors mean. */

const TIMEOUT = 60_000;

/** The service refuses: asking the same again is of no use. The message is for people. */
export class Refusal extends Error {}

/** The service cannot answer now. The message is for people. */
export class Delay extends Error {
  /** @param {string} message @param {number} [seconds] after which to ask again, where the service told */
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
    throw new Delay('The service does not answer.');
  }
}

function retryAfter(response) {
  const seconds = Number(response.headers.get('Retry-After'));
  return seconds > 0 ? seconds : 1;
}

/** What a problem document says, or the status where there is none. */
async function detail(response) {
  const problem = await response.json().catch(() => null);
  return problem?.detail ?? problem?.title ?? `The service answers with status ${response.status}.`;
}
