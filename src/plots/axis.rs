//! Range, scale and ticks of one axis.

use plotters::coord::ranged1d::Ranged;
use plotters::coord::types::RangedCoordf64;

/// Values spanning at least this factor are drawn on a logarithmic scale.
const DECADE: f64 = 10.0;
const MOST_TICKS: usize = 10;

/// An axis from `low` to `high`, both in the scale's own units (decades if logarithmic).
pub(super) struct Axis {
    low: f64,
    high: f64,
    pub logarithmic: bool,
    /// Values to mark, each with its label; none if there is nothing to show.
    pub ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Whole epochs from `first` to `last`.
    pub fn epochs(first: usize, last: usize) -> Self {
        let steps =
            (0..).flat_map(|power| [1, 2, 5].map(|unit| 10_usize.saturating_pow(power) * unit));
        let (first, last) = (first.min(last), last);
        let crowded = |step: &usize| (last - first) / step >= MOST_TICKS;
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
            ticks,
        }
    }

    /// An axis for the finite ones among `values`, logarithmic if they are positive and span a
    /// decade or more.
    pub fn values(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (value.min(low), value.max(high))
            });
        if low > high {
            Self {
                low: 0.0,
                high: 1.0,
                logarithmic: false,
                ticks: vec![],
            }
        } else if low > 0.0 && high / low >= DECADE {
            Self::decades(low, high)
        } else {
            Self::linear(low, high)
        }
    }

    fn linear(low: f64, high: f64) -> Self {
        let space = if high > low {
            (high - low) * 0.06
        } else {
            (high.abs() / 2.0).max(1e-3)
        };
        // Where zero is not far below the data, it is the honest foot of the axis.
        let low = if (0.0..=0.4 * high).contains(&low) || low == 0.0 {
            0.0
        } else {
            low - space
        };
        let high = high + space;
        let ticks = RangedCoordf64::from(low..high).key_points(7);
        let decimals = (0..9)
            .find(|&decimals| are_exact(&ticks, decimals))
            .unwrap_or(9);
        let label = |tick: f64| (tick, format!("{tick:.decimals$}"));
        let ticks = ticks.into_iter().map(label).collect();
        Self {
            low,
            high,
            logarithmic: false,
            ticks,
        }
    }

    fn decades(low: f64, high: f64) -> Self {
        let (low, high) = (low.log10(), high.log10());
        let space = (high - low) * 0.04;
        let (low, high) = (low - space, high + space);
        let units: &[f64] = match high - low {
            decades if decades < 1.5 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            decades if decades < 2.5 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = ((high - low) / MOST_TICKS as f64).ceil().max(1.0) as usize;
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
            ticks,
        }
    }

    /// How far along the axis `value` lies, 0 to 1; `None` if it has no place there.
    pub fn place(&self, value: f64) -> Option<f64> {
        let value = if self.logarithmic {
            value.log10()
        } else {
            value
        };
        value
            .is_finite()
            .then(|| (value - self.low) / (self.high - self.low))
    }
}

fn are_exact(ticks: &[f64], decimals: usize) -> bool {
    let unit = 10_f64.powi(decimals as i32);
    ticks
        .iter()
        .all(|tick| ((tick * unit).round() - tick * unit).abs() < 1e-6)
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
    fn a_zero_keeps_the_scale_linear() {
        let axis = Axis::values([0.0, 10.0].into_iter());
        assert_eq!(labels(&axis), ["0", "2", "4", "6", "8", "10"]);
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
    fn one_value_or_extreme_ones_still_make_an_axis() {
        for values in [vec![0.0], vec![0.5], vec![1e300, 1e-300], vec![-2.0]] {
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
