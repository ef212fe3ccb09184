//! Pure rules of service records: the year a file reports on.

use std::collections::HashMap;

/// The year a file reports on: the one that at least nine in ten of its dates lie in. A file over several years has none,
/// and then no date can lie outside.
#[must_use]
pub fn report_year(years: &[i32]) -> Option<i32> {
    let mut n: HashMap<i32, usize> = HashMap::new();
    for y in years {
        *n.entry(*y).or_default() += 1;
    }
    let (year, most) = n.into_iter().max_by_key(|(_, n)| *n)?;
    (most * 10 >= years.len() * 9).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_reports_on_one_year_or_on_none() {
        let mut long = vec![2025; 99];
        long.push(2026);
        let cases = [
            (long, Some(2025)),
            (vec![2025, 2026], None),
            (vec![2025; 3], Some(2025)),
            (vec![2024, 2024, 2024, 2025, 2025], None),
            (vec![], None),
        ];
        for (years, expected) in cases {
            assert_eq!(report_year(&years), expected, "{years:?}");
        }
    }
}
