//! From single answers to what may be shown of them. Plain values only.

/// Answers go from 1 (not at all) to this (fully).
pub const BEST: i64 = 5;

/// What may be shown of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub code: String,
    /// How many gave 1, 2, … [`BEST`].
    pub counts: [i64; 5],
    /// Mean in hundredths, rounded half up.
    pub mean: i64,
}

/// Puts answers together, a vector of (question, value) for each person; nothing while there are fewer than `least`
/// answers, or for a question that fewer than `least` answered.
#[must_use]
pub fn together(codes: &[String], answers: &[Vec<(String, i64)>], least: i64) -> Option<Vec<Shown>> {
    if i64::try_from(answers.len()).unwrap_or(i64::MAX) < least {
        return None;
    }
    let one = |code: &String| {
        let mut counts = [0; 5];
        for (_, v) in answers.iter().flatten().filter(|(c, _)| c == code) {
            if let Some(slot) = usize::try_from(v - 1).ok().and_then(|i| counts.get_mut(i)) {
                *slot += 1;
            }
        }
        let n: i64 = counts.iter().sum();
        let sum: i64 = counts.iter().zip(1..).map(|(c, v)| c * v).sum();
        (n >= least && n > 0).then(|| Shown { code: code.clone(), counts, mean: (sum * 100 + n / 2) / n })
    };
    Some(codes.iter().filter_map(one).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(values: &[i64]) -> Vec<Vec<(String, i64)>> {
        values.iter().map(|v| vec![("a".to_owned(), *v)]).collect()
    }

    #[test]
    fn few_answers_are_not_shown() {
        let codes = ["a".to_owned(), "b".to_owned()];
        assert_eq!(together(&codes, &said(&[5, 4, 3, 2]), 5), None);
        let shown = together(&codes, &said(&[5, 4, 3, 2, 2]), 5).unwrap();
        // Nobody answered b: it is not there rather than zero.
        assert_eq!(shown, [Shown { code: "a".into(), counts: [0, 2, 1, 1, 1], mean: 320 }]);
        let mut mixed = said(&[5, 5, 5, 5, 4, 4]);
        mixed[0].push(("b".into(), 1));
        assert_eq!(together(&codes, &mixed, 5).unwrap().len(), 1);
        assert_eq!(together(&codes, &mixed, 5).unwrap()[0].mean, 467);
        assert_eq!(together(&codes, &[], 0), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn the_mean_lies_between_the_answers(values in prop::collection::vec(1i64..=5, 5..40)) {
            let shown = together(&["a".to_owned()], &said(&values), 5).unwrap();
            let (min, max) = (values.iter().min().unwrap() * 100, values.iter().max().unwrap() * 100);
            prop_assert!((min..=max).contains(&shown[0].mean));
            prop_assert_eq!(shown[0].counts.iter().sum::<i64>(), i64::try_from(values.len()).unwrap());
        }
    }
}
