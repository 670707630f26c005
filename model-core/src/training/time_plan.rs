//! A time shared among trainings whose time is forecast.

use super::Forecast;
use crate::order::sort_by;

/// A training that takes so little more than its share has all rows, if the others have enough.
const WHOLE_WITHIN: f64 = 1.5;

/// How many training rows each of these trainings gets, so that all together take about `seconds`;
/// `None` for one that is left out.
///
/// The cheap ones get all their rows. What they leave is shared among the costly ones, which get as
/// many rows as an equal share is enough for. Where a share is not enough for 500 rows, the
/// costliest is left out, and the others share without it.
#[must_use]
pub fn plan_rows(seconds: f64, forecasts: &[&Forecast<'_>]) -> Vec<Option<usize>> {
    let mut rows = vec![None; forecasts.len()];
    let mut order: Vec<usize> = (0..forecasts.len()).collect();
    sort_by(&mut order, &mut |a, b| {
        forecasts[a].least_seconds().total_cmp(&forecasts[b].least_seconds())
    });
    while let Some(&costliest) = order.last()
        && forecasts[costliest].least_seconds() > seconds / order.len() as f64
    {
        order.pop();
    }
    sort_by(&mut order, &mut |a, b| forecasts[a].seconds().total_cmp(&forecasts[b].seconds()));
    let mut left = seconds;
    for (n_done, &at) in order.iter().enumerate() {
        let (forecast, share) = (forecasts[at], left / (order.len() - n_done) as f64);
        let whole = forecast.seconds();
        rows[at] = if whole <= WHOLE_WITHIN * share && whole <= left / 2.0 {
            Some(forecast.n_rows())
        } else {
            forecast.rows_within(share)
        };
        left -= rows[at].map_or(0.0, |rows| forecast.seconds_of(rows));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Column, Dataset};
    use crate::model::Family;
    use crate::recipe::TrainParams;
    use crate::split::{Split, train_test_split};
    use crate::training::Stage;

    fn data() -> Dataset {
        let labels: Vec<u32> = (0..10_000).map(|row| row % 2).collect();
        let values = labels.iter().map(|&label| f64::from(label)).collect();
        let classes = vec!["a".into(), "b".into()];
        Dataset::new("d", "y", vec![Column::numeric("x")], classes, values, labels).unwrap()
    }

    /// A training whose fit takes so many seconds a row, by a clock of our own.
    fn forecast<'a>(data: &'a Dataset, split: &'a Split, seconds_a_row: f64) -> Forecast<'a> {
        let params = TrainParams::new(Family::GaussianNb);
        let mut forecast = Forecast::new(data, split, params, 60.0).unwrap();
        while let Some(step) = forecast.next_step() {
            forecast.step().unwrap();
            let ends = forecast.next_step().is_none_or(|next| next.stage != step.stage);
            let counts = step.stage == Stage::Fit && ends;
            forecast.record(if counts { seconds_a_row * step.n_rows as f64 } else { 0.0 });
        }
        forecast
    }

    /// What all of them take together with these rows.
    fn in_all(forecasts: &[&Forecast<'_>], rows: &[Option<usize>]) -> f64 {
        let seconds = |(forecast, rows): (&&Forecast<'_>, &Option<usize>)| {
            rows.map_or(0.0, |rows| forecast.seconds_of(rows))
        };
        forecasts.iter().zip(rows).map(seconds).sum()
    }

    #[test]
    fn cheap_ones_are_whole_and_the_costly_share_what_they_leave() {
        let data = data();
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let made = [4e-3, 1e-5, 1e-3, 1e-6].map(|seconds| forecast(&data, &split, seconds));
        let forecasts: Vec<&Forecast<'_>> = made.iter().collect();
        let rows = plan_rows(60.0, &forecasts);
        assert_eq!((rows[1], rows[3]), (Some(8_000), Some(8_000)));
        // All rows would take 40 s and 160 s: the share of either is 30.
        assert_eq!((rows[2], rows[0]), (Some(5_900), Some(1_500)));
        assert!(in_all(&forecasts, &rows) <= 60.0);
        let all = plan_rows(1e4, &forecasts);
        assert_eq!(all, [Some(8_000); 4]);
    }

    #[test]
    fn one_that_no_share_is_enough_for_takes_none_from_the_others() {
        let data = data();
        let split = train_test_split(&data, 0.2, 5, 1).unwrap();
        let made = [1.0, 1e-3, 2e-3].map(|seconds| forecast(&data, &split, seconds));
        let forecasts: Vec<&Forecast<'_>> = made.iter().collect();
        let rows = plan_rows(60.0, &forecasts);
        assert_eq!(rows[0], None);
        assert_eq!(rows[1..], plan_rows(60.0, &forecasts[1..]));
        assert_eq!(plan_rows(1e-9, &forecasts), [None; 3]);
        assert!(plan_rows(60.0, &[]).is_empty());
    }
}
