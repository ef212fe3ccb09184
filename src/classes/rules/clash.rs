//! Sessions that cannot both be held as they are planned: one room, one lecturer or one participant in two places.

/// When a session is on its day, in minutes of the civil day: from the first, up to but not including the second.
pub type Times = (i64, i64);

/// Whether two times of one day overlap. One that ends when the other begins does not.
#[must_use]
pub fn overlap(a: Times, b: Times) -> bool {
    a.0 < b.1 && b.0 < a.1
}

/// What two sessions would share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shared {
    Room(String),
    Lecturer(String),
    /// So many people are in both classes.
    People(i64),
}

impl Shared {
    /// The name in texts and the API.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Room(_) => "room",
            Self::Lecturer(_) => "lecturer",
            Self::People(_) => "people",
        }
    }

    /// The room, the lecturer or the number of people.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Room(t) | Self::Lecturer(t) => t.clone(),
            Self::People(n) => n.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_after_the_other_is_no_clash() {
        for (a, b, want) in [
            ((510, 690), (690, 720), false),
            ((510, 690), (689, 720), true),
            ((510, 690), (500, 510), false),
            ((510, 690), (520, 530), true),
            ((510, 690), (510, 690), true),
        ] {
            assert_eq!(overlap(a, b), want, "{a:?} {b:?}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_same_from_both_sides(a in 0i64..1400, b in 1i64..60, c in 0i64..1400, d in 1i64..60) {
            let (x, y) = ((a, a + b), (c, c + d));
            prop_assert_eq!(overlap(x, y), overlap(y, x));
            prop_assert_eq!(overlap(x, y), (x.0..x.1).any(|m| (y.0..y.1).contains(&m)));
        }
    }
}
