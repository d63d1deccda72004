/** @file Drawing with mouse, finger or stylus. */

/**
 * @param {HTMLCanvasElement} surface
 * @param {Paper} paper
 */
export function drawByPointer(surface, paper) {
  /** @type {{id: number, stroke: Stroke}|null} */
  let pen = null;

  const point = (event) => {
    const box = surface.getBoundingClientRect();
    return {
      x: (event.clientX - box.left) / box.height,
      y: (event.clientY - box.top) / box.height,
    };
  };

  surface.addEventListener('pointerdown', (event) => {
    // A second finger, or the palm, draws nothing.
    if (pen || event.button !== 0) return;
    surface.setPointerCapture(event.pointerId);
    pen = { id: event.pointerId, stroke: paper.begin(point(event)) };
  });

  surface.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pen?.id) return;
    const events = event.getCoalescedEvents?.() ?? [];
    paper.extend(pen.stroke, (events.length ? events : [event]).map(point));
  });

  const lift = (event) => {
    if (event.pointerId === pen?.id) pen = null;
  };
  surface.addEventListener('pointerup', lift);
  surface.addEventListener('pointercancel', lift);
  // A long press with a stylus is still drawing.
  surface.addEventListener('contextmenu', (event) => event.preventDefault());
}
