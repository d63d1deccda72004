//! Range, scale and ticks of one axis.

use indicatif::HumanCount;

/// The name of an axis of accuracies.
pub const ACCURACY: &str = "accuracy (%)";

/// Values spanning at least this factor are drawn on a logarithmic scale.
const DECADE: f64 = 10.0;
const MAX_TICKS: usize = 10;
/// A loss beyond this is treated as infinite and has no place on an axis.
const LIMIT: f64 = 1e100;

/// An axis from `low` to `high`, both in the scale's own units (decades if logarithmic).
pub(super) struct Axis {
    low: f64,
    high: f64,
    pub logarithmic: bool,
    /// Whether greater values are lower.
    downward: bool,
    /// Values to mark, each with its label; empty if there is nothing to show.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Whole epochs from `first` to `last`.
    pub fn epochs(first: usize, last: usize) -> Self {
        let steps =
            (0..).flat_map(|power| [1, 2, 5].map(|unit| 10_usize.saturating_pow(power) * unit));
        let (first, last) = (first.min(last), last);
        let crowded = |step: &usize| (last - first) / step >= MAX_TICKS;
        let step = steps
            .take(40)
            .find(|step| !crowded(step))
            .unwrap_or(usize::MAX);
        let multiples = (first.div_ceil(step)..=last / step).map(|index| index * step);
        let ticks = multiples
            .map(|epoch| (epoch as f64, epoch.to_string()))
            .collect();
        let space = ((last - first) as f64 * 0.03).max(0.25);
        Self {
            low: first as f64 - space,
            high: last as f64 + space,
            logarithmic: false,
            downward: false,
            ticks,
        }
    }

    /// An axis for the finite ones among `values`, logarithmic if they are positive and span a
    /// decade or more.
    pub fn values(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .filter(|value| value.abs() <= LIMIT)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (value.min(low), value.max(high))
            });
        if low > high {
            Self {
                low: 0.0,
                high: 1.0,
                logarithmic: false,
                downward: false,
                ticks: vec![],
            }
        } else if low > 0.0 && high / low >= DECADE {
            Self::decades(low, high)
        } else {
            Self::linear(low, high)
        }
    }

    /// A logarithmic axis of counts from `least`, at least 1, to `most`.
    pub fn counts(least: f64, most: f64) -> Self {
        // A single count still needs an axis around it.
        let axis = Self::decades(least / 1.2, most * 1.2);
        let ticks = axis.ticks.iter();
        let ticks = ticks.map(|&(count, _)| (count, HumanCount(count as u64).to_string()));
        Self {
            ticks: ticks.collect(),
            ..axis
        }
    }

    /// Turns an axis of errors in percent into one of accuracies: fewer errors are higher, and ticks
    /// are labelled with the accuracy, so that a logarithmic scale spreads 99 to 99.9 %.
    pub fn into_accuracy(self) -> Self {
        let right = |error: f64| (100.0 * 1e6 - error * 1e6).round() / 1e6;
        let ticks = self
            .ticks
            .iter()
            .map(|&(error, _)| (error, right(error).to_string()));
        Self {
            ticks: ticks.collect(),
            downward: true,
            ..self
        }
    }

    // plotters would find the ticks too, but never returns for some extreme ranges.
    fn linear(low: f64, high: f64) -> Self {
        let size = low.abs().max(high.abs());
        // Equal values still need an axis around them.
        let span = if size < 1.0 / LIMIT {
            1.0
        } else {
            (high - low).max(size * 0.1)
        };
        let space = span * 0.06;
        // If zero is not far below the data, the axis starts there.
        let near_zero = low >= 0.0 && low <= 0.4 * high.max(space);
        let low = if near_zero { 0.0 } else { low - space };
        let high = high.max(low + span) + space;
        let step = round_step((high - low) / 7.0);
        let ticks = (low / step).ceil() as i64..=(high / step).floor() as i64;
        let tick = |index: i64| (index as f64 * step, fixed(index as f64 * step, step));
        Self {
            low,
            high,
            logarithmic: false,
            downward: false,
            ticks: ticks.map(tick).collect(),
        }
    }

    fn decades(low: f64, high: f64) -> Self {
        let (low, high) = (low.log10(), high.log10());
        let space = (high - low) * 0.04;
        let (low, high) = (low - space, high + space);
        let units: &[f64] = match high - low {
            decades if decades < 1.5 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            decades if decades < 3.5 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = ((high - low) / MAX_TICKS as f64).ceil().max(1.0) as usize;
        let ticks = (low.floor() as i32..=high.floor() as i32)
            .step_by(every)
            .flat_map(|power| units.iter().map(move |&unit| (unit, power)))
            .map(|(unit, power)| (unit * 10_f64.powi(power), decimal(unit, power)))
            .filter(|(tick, _)| (low..=high).contains(&tick.log10()))
            .collect();
        Self {
            low,
            high,
            logarithmic: true,
            downward: false,
            ticks,
        }
    }

    /// The axis's name with its scale.
    pub fn named(&self, name: &str) -> String {
        match (self.logarithmic, name) {
            (false, _) => name.to_owned(),
            // The scale is that of errors.
            (true, ACCURACY) => format!("{name}, logarithmic error scale"),
            (true, _) => format!("{name}, logarithmic scale"),
        }
    }

    /// How far along the axis `value` lies, 0 to 1; `None` if it has no place there.
    pub fn place(&self, value: f64) -> Option<f64> {
        let scaled = if self.logarithmic {
            value.log10()
        } else {
            value
        };
        let is_drawable = value.abs() <= LIMIT && scaled.is_finite();
        let along = (scaled - self.low) / (self.high - self.low);
        is_drawable.then_some(if self.downward { 1.0 - along } else { along })
    }
}

/// The least of 1, 2 or 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powi(step.log10().floor() as i32);
    let steps = [1.0, 2.0, 5.0].map(|unit| unit * power);
    steps
        .into_iter()
        .find(|round| *round >= step)
        .unwrap_or(10.0 * power)
}

/// `tick` with the decimals that tell ticks `step` apart.
fn fixed(tick: f64, step: f64) -> String {
    if (1e-6..1e6).contains(&step) {
        let decimals = (-step.log10()).ceil().max(0.0) as usize;
        format!("{tick:.decimals$}")
    } else {
        format!("{tick:.1e}")
    }
}

/// `unit` times ten to the `power`, without needless zeros.
fn decimal(unit: f64, power: i32) -> String {
    match power {
        -4..=-1 => format!(
            "{:.*}",
            power.unsigned_abs() as usize,
            unit * 10_f64.powi(power)
        ),
        0..=4 => format!("{:.0}", unit * 10_f64.powi(power)),
        _ => format!("{unit:.0}e{power}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn values_over_decades_get_a_logarithmic_scale() {
        let axis = Axis::values([0.03, 0.4, f64::NAN, f64::INFINITY].into_iter());
        assert!(axis.logarithmic);
        assert_eq!(labels(&axis), ["0.03", "0.05", "0.07", "0.1", "0.2", "0.3"]);
        assert!(axis.place(0.03).unwrap() > 0.0 && axis.place(0.4).unwrap() < 1.0);
        assert_eq!(axis.place(0.0), None);
    }

    #[test]
    fn infinite_nan_and_absurd_values_have_no_place() {
        let axis = Axis::values([1.0, f64::NAN, 1e300, 2.0].into_iter());
        assert_eq!(axis.place(1e300), None);
        assert_eq!(axis.place(f64::NAN), None);
        assert_eq!(labels(&axis), ["1.0", "1.2", "1.4", "1.6", "1.8", "2.0"]);
        assert!(Axis::values([f64::INFINITY].into_iter()).ticks.is_empty());
    }

    #[test]
    fn a_zero_keeps_the_scale_linear() {
        let axis = Axis::values([0.0, 10.0].into_iter());
        assert_eq!(labels(&axis), ["0", "2", "4", "6", "8", "10"]);
    }

    #[test]
    fn counts_are_written_in_full_and_a_single_one_has_an_axis() {
        let axis = Axis::counts(7_960.0, 238_510.0);
        let expected = ["10,000", "20,000", "50,000", "100,000", "200,000"];
        assert_eq!(labels(&axis), expected);
        assert!((0.4..0.6).contains(&Axis::counts(1e5, 1e5).place(1e5).unwrap()));
    }

    #[test]
    fn ticks_of_epochs_are_whole_and_few() {
        assert_eq!(labels(&Axis::epochs(1, 1)), ["1"]);
        assert_eq!(labels(&Axis::epochs(1, 10)).len(), 10);
        let hundred = Axis::epochs(1, 100);
        assert_eq!(labels(&hundred)[..3], ["10", "20", "30"]);
        assert!(Axis::epochs(1, usize::MAX).ticks.len() <= 10);
    }

    #[test]
    fn a_single_value_and_extreme_values_still_have_an_axis() {
        for values in [
            vec![0.0],
            vec![0.5],
            vec![-2.0],
            vec![1e90, 1e-300],
            vec![LIMIT, 0.0],
            vec![LIMIT, -LIMIT],
            vec![0.0, f64::MIN_POSITIVE],
            vec![1.0, 1.0 + f64::EPSILON],
            vec![1e17, 1e17 + 16.0],
        ] {
            let axis = Axis::values(values.iter().copied());
            assert!(
                !axis.ticks.is_empty() && axis.ticks.len() <= 12,
                "{values:?}"
            );
            for value in values {
                assert!((0.0..=1.0).contains(&axis.place(value).unwrap()), "{value}");
            }
        }
    }
}
