//! Colours, text sizes and markers shared by all pictures.

use plotters::style::RGBColor;

/// Text, frames and ticks.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Paper, and numbers on dark tints.
pub(super) const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Secondary text.
pub(super) const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Grid lines and hairlines.
pub(super) const HAIRLINE: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
/// What is right.
pub(super) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
/// What is wrong.
pub(super) const VERMILION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);

/// Em of the picture's title, in pixels; the sizes below follow it.
pub(super) const TITLE: f64 = 22.0;
/// Em of a panel's title.
pub(super) const HEADING: f64 = 17.0;
/// Em of axis names, legends and numbers that are to be read.
pub(super) const BODY: f64 = 14.0;
/// Em of captions and tick labels.
pub(super) const SMALL: f64 = 13.0;
/// White space around each picture, in pixels.
pub(super) const MARGIN: f64 = 28.0;

/// Okabe-Ito (Okabe and Ito, "Color Universal Design", 2008), strongest contrast first. Its
/// yellow is too faint on white paper, so a dark wine red takes its place.
const SERIES: [RGBColor; 8] = [
    BLUE,
    VERMILION,
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x00, 0x00, 0x00),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0x88, 0x22, 0x55),
];

/// Outline of a marker around its centre, for radius 1.
pub(super) type Marker = &'static [(f64, f64)];

static MARKERS: [Marker; 6] = [
    // Twelve corners look round at this size.
    &[
        (1.0, 0.0),
        (0.87, 0.5),
        (0.5, 0.87),
        (0.0, 1.0),
        (-0.5, 0.87),
        (-0.87, 0.5),
        (-1.0, 0.0),
        (-0.87, -0.5),
        (-0.5, -0.87),
        (0.0, -1.0),
        (0.5, -0.87),
        (0.87, -0.5),
    ],
    &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
    &[(0.0, -1.2), (1.15, 0.8), (-1.15, 0.8)],
    &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
    &[(0.0, 1.2), (1.15, -0.8), (-1.15, -0.8)],
    &[
        (-0.45, -1.3),
        (0.45, -1.3),
        (0.45, -0.45),
        (1.3, -0.45),
        (1.3, 0.45),
        (0.45, 0.45),
        (0.45, 1.3),
        (-0.45, 1.3),
        (-0.45, 0.45),
        (-1.3, 0.45),
        (-1.3, -0.45),
        (-0.45, -0.45),
    ],
];

/// The look of the `index`-th series; 48 of them differ in colour or in marker.
pub(super) fn series(index: usize) -> (RGBColor, Marker) {
    let (round, color) = (index / SERIES.len(), index % SERIES.len());
    (SERIES[color], MARKERS[(color + round) % MARKERS.len()])
}

/// The colour `share` (0..=1) of the way from white to `color`.
pub(super) fn tint(color: RGBColor, share: f64) -> RGBColor {
    let channel = |value: u8| (255.0 - (255.0 - f64::from(value)) * share).round() as u8;
    RGBColor(channel(color.0), channel(color.1), channel(color.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_eight_series_look_different() {
        let looks: std::collections::HashSet<_> = (0..48)
            .map(|index| {
                let (RGBColor(red, green, blue), marker) = series(index);
                (red, green, blue, marker.as_ptr())
            })
            .collect();
        assert_eq!(looks.len(), 48);
    }

    #[test]
    fn a_tint_runs_from_white_to_the_colour() {
        assert_eq!(tint(VERMILION, 0.0), RGBColor(255, 255, 255));
        assert_eq!(tint(VERMILION, 1.0), VERMILION);
    }
}
