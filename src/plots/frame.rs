//! A panel's axes with their ticks, grid and names.

use anyhow::Result;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Point};
use super::style::{BODY, GREY, HAIRLINE, INK, SMALL};
use super::text::Type;

/// Space for tick labels and the axis name left of a panel.
pub(super) const LABELS: f64 = 72.0;

const NAME: Type = Type {
    em: BODY,
    color: INK,
    anchor: HPos::Center,
};
const TICK: Type = Type { em: SMALL, ..NAME };

/// The place of a panel and the scales of its sides.
pub(super) struct Frame {
    /// The upper left corner.
    pub corner: Point,
    pub size: (f64, f64),
    pub x: Axis,
    pub y: Axis,
}

impl Frame {
    /// Where a pair of values lies; `None` if it has no place here.
    pub fn place(&self, x: f64, y: f64) -> Option<Point> {
        let (across, up) = (self.x.place(x)?, self.y.place(y)?);
        Some((
            self.corner.0 + across * self.size.0,
            self.corner.1 + (1.0 - up) * self.size.1,
        ))
    }

    /// Draws axes, ticks and grid, with the names of the horizontal and the vertical axis.
    pub fn draw(&self, canvas: &Canvas<'_>, across: &str, up: &str) -> Result<()> {
        let (left, top) = self.corner;
        let (right, bottom) = (left + self.size.0, top + self.size.1);
        let (center, middle) = ((left + right) / 2.0, (top + bottom) / 2.0);
        if self.y.ticks.is_empty() {
            let style = Type {
                color: GREY,
                ..NAME
            };
            canvas.text("no finite value", (center, middle), style)?;
        }
        for (value, label) in &self.y.ticks {
            let Some(share) = self.y.place(*value) else {
                continue;
            };
            let height = top + (1.0 - share) * self.size.1;
            canvas.line(&[(left, height), (right, height)], HAIRLINE, 1.0)?;
            let style = Type {
                anchor: HPos::Right,
                ..TICK
            };
            canvas.text(label, (left - 8.0, height + 4.5), style)?;
        }
        for (value, label) in &self.x.ticks {
            let Some(share) = self.x.place(*value) else {
                continue;
            };
            let place = left + share * self.size.0;
            canvas.line(&[(place, bottom), (place, bottom + 5.0)], INK, 1.0)?;
            canvas.text(label, (place, bottom + 21.0), TICK)?;
        }
        canvas.line(&[(left, top), (left, bottom), (right, bottom)], INK, 1.0)?;
        canvas.text(&self.x.named(across), (center, bottom + 44.0), NAME)?;
        canvas.upward_text(&self.y.named(up), (left - 58.0, middle), NAME)
    }
}
