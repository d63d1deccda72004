/** @file Tables as CSV (RFC 4180), made in the page. */

const RECORD_END = '\r\n';

/**
 * The same as the service's: a record for each row, an empty one between two tables, quotes where they are needed.
 * @param {string[][][]} tables rows of texts
 * @param {string} delimiter one character
 * @returns {string}
 */
export function toCsv(tables, delimiter) {
  const quoted = (text) => (
    text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  );
  // A record of one empty field would be no record.
  const record = (row) => (row.join('') || row.length > 1 ? row.map(quoted).join(delimiter) : '""') + RECORD_END;
  return tables.map((rows) => rows.map(record).join('')).join(RECORD_END);
}

/** @param {string} text @param {string} name of the file @param {string} type */
export function download(text, name, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // The browser has taken the content by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
