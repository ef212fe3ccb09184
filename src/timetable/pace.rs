//! How long the search stays at which temperature.
//!
//! Where the cost falls while the timetable cools, something is being decided, and it is decided badly if the cooling is
//! fast; where the cost stands still, nothing is lost by hurrying. Which temperatures these are differs from instance to
//! instance by more than a quantile of prices can tell: where few exams are very large and most are small, the large ones
//! are settled at a hundred times the temperature of the others. So a short **trial** cooling from very hot to cold notes
//! the cost at each temperature, and the search proper divides its time by that.

use std::array::from_fn;

/// Steps of temperature that the trial tells apart.
pub const STEPS: usize = 48;
/// Steps to either side that are taken together when the fall of the cost is read off.
const SMOOTH: usize = 2;
/// Fewest looks at the cost in a step from which a mean is taken.
const FEWEST: u64 = 16;
/// Pieces of time the pace is kept in; the temperature falls evenly (its logarithm) within each.
const PIECES: usize = 256;
/// Time of a step in proportion to this power of the fall of cost over the logarithm of the temperature ...
const BY_FALL: f64 = 0.6;
/// ... and against this power of the temperature: hot proposals are made more often and take longer ...
const AGAINST_HEAT: f64 = 0.15;
/// ... and this share of the mean step besides, so that no temperature is skipped.
const BESIDES: f64 = 0.2;

/// Costs met on the way down, by temperature.
#[derive(Clone, Debug)]
pub struct Heat {
    sum: [f64; STEPS],
    looks: [u64; STEPS],
}

impl Default for Heat {
    fn default() -> Self {
        Self { sum: [0.0; STEPS], looks: [0; STEPS] }
    }
}

impl Heat {
    /// Notes a cost, met when `part` (0 to 1) of an even cooling was over.
    pub fn note(&mut self, part: f64, cost: i64) {
        let step = ((part * STEPS as f64) as usize).min(STEPS - 1);
        self.sum[step] += cost as f64;
        self.looks[step] += 1;
    }

    fn with(mut self, other: &Self) -> Self {
        (0..STEPS).for_each(|i| self.sum[i] += other.sum[i]);
        (0..STEPS).for_each(|i| self.looks[i] += other.looks[i]);
        self
    }
}

/// The temperature at each part of a stretch of the schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// Begin and end of the stretch, as shares of the whole schedule.
    span: (f64, f64),
    /// Logarithms of the temperatures at even parts of the stretch.
    at: Vec<f64>,
}

impl Pace {
    /// As long at each factor of temperature as at any other.
    pub fn even(span: (f64, f64), hot: f64, cold: f64) -> Self {
        Self { span, at: vec![libm::log(hot), libm::log(cold)] }
    }

    /// From what even coolings from `hot` to `cold` met; None where they were too short or met no fall of the cost.
    pub fn measured(span: (f64, f64), hot: f64, cold: f64, heats: &[Heat]) -> Option<Self> {
        let heat = heats.iter().fold(Heat::default(), Heat::with);
        if heat.looks.iter().any(|n| *n < FEWEST) {
            return None;
        }
        let (first, last) = (libm::log(hot), libm::log(cold));
        let mean = |i: usize| heat.sum[i] / heat.looks[i] as f64;
        let mut time: [f64; STEPS] = from_fn(|i| {
            let (before, after) = (i.saturating_sub(SMOOTH), (i + SMOOTH).min(STEPS - 1));
            let fall = (mean(before) - mean(after)) / (after - before) as f64;
            let t = first + (last - first) * (i as f64 + 0.5) / STEPS as f64;
            libm::pow(fall.max(0.0), BY_FALL) * libm::exp(-AGAINST_HEAT * t)
        });
        let besides = BESIDES * time.iter().sum::<f64>() / STEPS as f64;
        time.iter_mut().for_each(|t| *t += besides);
        let total: f64 = time.iter().sum();
        if !total.is_finite() || total <= 0.0 {
            return None;
        }
        let (mut step, mut gone) = (0, 0.0);
        let at = (0..=PIECES).map(|piece| {
            let now = total * piece as f64 / PIECES as f64;
            while step + 1 < STEPS && gone + time[step] < now {
                gone += time[step];
                step += 1;
            }
            let part = ((now - gone) / time[step]).clamp(0.0, 1.0);
            first + (last - first) * (step as f64 + part) / STEPS as f64
        });
        Some(Self { span, at: at.collect() })
    }

    /// The temperature at a share of the whole schedule.
    pub fn temperature(&self, share: f64) -> f64 {
        let (from, to) = self.span;
        let pieces = self.at.len() - 1;
        let x = ((share - from) / (to - from)).clamp(0.0, 1.0) * pieces as f64;
        let i = (x as usize).min(pieces - 1);
        libm::exp(self.at[i] + (self.at[i + 1] - self.at[i]) * (x - i as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::{Heat, Pace, STEPS};

    const ALL: (f64, f64) = (0.0, 1.0);

    /// A heat whose cost at each step is given.
    fn heat(cost: impl Fn(usize) -> i64) -> Heat {
        let mut heat = Heat::default();
        for step in 0..STEPS {
            (0..20).for_each(|_| heat.note((step as f64 + 0.5) / STEPS as f64, cost(step)));
        }
        heat
    }

    #[test]
    fn an_even_pace_halves_the_factor_in_half_the_stretch() {
        let pace = Pace::even((0.2, 1.0), 100.0, 1.0);
        for (share, t) in [(0.0, 100.0), (0.2, 100.0), (0.6, 10.0), (1.0, 1.0), (2.0, 1.0)] {
            assert!((pace.temperature(share) - t).abs() < 1e-9, "{share}: {}", pace.temperature(share));
        }
    }

    #[test]
    fn a_cost_that_falls_alike_everywhere_gives_nearly_an_even_pace() {
        let pace = Pace::measured(ALL, 4.0, 1.0, &[heat(|i| 9000 - 100 * i as i64)]).unwrap();
        for share in [0.0, 0.3, 0.5, 0.9, 1.0] {
            let (a, b) = (pace.temperature(share), Pace::even(ALL, 4.0, 1.0).temperature(share));
            assert!((a / b - 1.0).abs() < 0.1, "{share}: {a} for {b}");
        }
    }

    #[test]
    fn most_of_the_time_goes_where_the_cost_falls() {
        // All of the fall is in the third quarter of the logarithm of the temperature: from 10 to 3.16.
        let fall = |i: usize| 100 * (36 - i.clamp(24, 36)) as i64;
        let pace = Pace::measured(ALL, 100.0, 1.0, &[heat(fall), heat(fall)]).unwrap();
        let inside = (0..1000).filter(|i| (3.0..11.0).contains(&pace.temperature(f64::from(*i) / 1000.0))).count();
        assert!(inside > 800, "{inside}");
        let all: Vec<f64> = (0..=1000).map(|i| pace.temperature(f64::from(i) / 1000.0)).collect();
        assert!(all.is_sorted_by(|a, b| a >= b) && (all[0] - 100.0).abs() < 1e-9 && (all[1000] - 1.0).abs() < 1e-9);
    }

    #[test]
    fn too_short_a_trial_and_a_flat_one_tell_nothing() {
        assert_eq!(Pace::measured(ALL, 100.0, 1.0, &[Heat::default()]), None);
        assert_eq!(Pace::measured(ALL, 100.0, 1.0, &[heat(|_| 7)]), None);
    }
}
