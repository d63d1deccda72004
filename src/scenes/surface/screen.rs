//! Screens: program windows and their canvases, light and dark.

use super::lines::greeking;
use super::site::Site;
use super::{Bounds, Plane};
use crate::random::SeededRng;

/// Tones of a program's window.
struct Theme {
    ground: f32,
    bar: f32,
    mark: f32,
}

/// A part of a screen: a canvas, mostly with some of the window around it. The room is the canvas.
pub fn window(site: &Site, rng: &mut SeededRng) -> (Plane, Bounds) {
    let theme = Theme::new(rng);
    let mut plane = site.plane(theme.ground);
    if rng.random_bool(0.08) {
        gradient(&mut plane, rng);
    }
    let mut room = site.room();
    if rng.random_bool(0.06) {
        grid(&mut plane, site, &theme, rng);
    }
    let side = site.side();
    for edge in 0..4 {
        // Bars are at the top more often than elsewhere.
        let share = [0.5, 0.25, 0.15, 0.12][edge];
        if !rng.random_bool(share) {
            continue;
        }
        let thick = side * rng.uniform(0.03, 0.13) as f32;
        let mut bar = room;
        match edge {
            0 => (bar.bottom, room.top) = (room.top + thick, room.top + thick + 1.0),
            1 => (bar.right, room.left) = (room.left + thick, room.left + thick + 1.0),
            2 => (bar.top, room.bottom) = (room.bottom - thick, room.bottom - thick - 1.0),
            _ => (bar.left, room.right) = (room.right - thick, room.right - thick - 1.0),
        }
        theme.bar(&mut plane, site, bar, rng);
    }
    if rng.random_bool(0.15) {
        // A canvas with a border on the window's background.
        let inset = side * rng.uniform(0.02, 0.08) as f32;
        let canvas = Bounds {
            left: room.left + inset,
            top: room.top + inset,
            right: room.right - inset,
            bottom: room.bottom - inset,
        };
        fill(&mut plane, site, canvas, theme.mark);
        let inner = Bounds {
            left: canvas.left + 1.0,
            top: canvas.top + 1.0,
            right: canvas.right - 1.0,
            bottom: canvas.bottom - 1.0,
        };
        fill(&mut plane, site, inner, theme.ground);
        room = inner;
    }
    (plane, room)
}

impl Theme {
    fn new(rng: &mut SeededRng) -> Self {
        let ground = match rng.weighted_index(&[0.5, 0.2, 0.15, 0.15]) {
            0 => 1.0,
            1 => rng.uniform(0.05, 0.2),
            2 => 0.0,
            _ => rng.uniform(0.1, 0.97),
        } as f32;
        let away = if ground > 0.5 { -1.0 } else { 1.0 };
        Self {
            ground,
            bar: (ground + away * rng.uniform(0.03, 0.3) as f32).clamp(0.0, 1.0),
            mark: (ground + away * rng.uniform(0.2, 0.9) as f32).clamp(0.0, 1.0),
        }
    }

    /// A toolbar, title bar or sidebar with buttons or labels.
    fn bar(&self, plane: &mut Plane, site: &Site, bar: Bounds, rng: &mut SeededRng) {
        fill(plane, site, bar, self.bar);
        let upright = bar.height() > bar.width();
        let thick = bar.width().min(bar.height());
        let length = bar.width().max(bar.height());
        let labels = rng.random_bool(0.4) && !upright;
        let mut print = labels.then(|| site.plane(0.0));
        let mut along = thick * 0.3;
        while along + thick < length {
            let across = thick * 0.25;
            let size = thick * 0.5;
            let (x, y) = if upright {
                (across, along)
            } else {
                (along, across)
            };
            let (left, top) = (bar.left + x, bar.top + y);
            if let Some(print) = &mut print {
                let end = (left + size * 5.0).min(bar.right);
                greeking(print, site, [left, top + size / 2.0, end], size * 0.7, rng);
                along += 6.0 * size;
            } else if rng.random_bool(0.8) {
                let button = Bounds {
                    left,
                    top,
                    right: left + size,
                    bottom: top + size,
                };
                let tone = self.bar + (self.mark - self.bar) * rng.uniform(0.2, 1.0) as f32;
                fill(plane, site, button, tone);
                if rng.random_bool(0.5) {
                    let inset = size * rng.uniform(0.15, 0.35) as f32;
                    let inner = Bounds {
                        left: left + inset,
                        top: top + inset,
                        right: left + size - inset,
                        bottom: top + size - inset,
                    };
                    fill(plane, site, inner, self.bar);
                }
            }
            along += thick * rng.uniform(0.7, 1.1) as f32;
        }
        let Some(print) = print else { return };
        for (value, share) in plane.values.iter_mut().zip(&print.values) {
            *value += share * (self.mark - *value);
        }
    }
}

/// Fills a box of the page with one tone.
fn fill(plane: &mut Plane, site: &Site, bounds: Bounds, tone: f32) {
    site.view.over_box(plane, &bounds, |[x, y], value| {
        if x >= bounds.left && x < bounds.right && y >= bounds.top && y < bounds.bottom {
            *value = tone;
        }
    });
}

/// A gradient from one tone to another, as on slides.
fn gradient(plane: &mut Plane, rng: &mut SeededRng) {
    let change = rng.approx_normal(0.12) as f32;
    let height = plane.height as f32;
    for y in 0..plane.height {
        let shift = change * (y as f32 / height - 0.5);
        for value in plane.row_mut(y) {
            *value = (*value + shift).clamp(0.0, 1.0);
        }
    }
}

/// A canvas with a fine grid, or the chequerboard that stands for transparency.
fn grid(plane: &mut Plane, site: &Site, theme: &Theme, rng: &mut SeededRng) {
    let cell = (site.side() * rng.uniform(0.03, 0.1) as f32)
        .max(3.0)
        .round();
    let chequers = rng.random_bool(0.5);
    let tone = theme.ground + 0.5 * (theme.bar - theme.ground);
    site.view.over(plane, |[x, y], value| {
        let odd = ((x / cell) as i32 + (y / cell) as i32) & 1 == 1;
        let line = x % cell < 1.0 || y % cell < 1.0;
        if if chequers { odd } else { line } {
            *value = tone;
        }
    });
}
