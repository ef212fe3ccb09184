//! How far a base is from where somebody lives, as far as the records tell: by regions, not by roads.

use crate::directory::rules::key;

/// The nearest region that both lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Near {
    Town,
    County,
    City,
    Province,
    Elsewhere,
    /// One of the regions is not on record.
    Unknown,
}

impl Near {
    pub const ALL: [Self; 6] = [Self::Town, Self::County, Self::City, Self::Province, Self::Elsewhere, Self::Unknown];

    /// The name in table, API and texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Town => "town",
            Self::County => "county",
            Self::City => "city",
            Self::Province => "province",
            Self::Elsewhere => "elsewhere",
            Self::Unknown => "unknown",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|n| n.name() == name)
    }

    /// Whether this is within what a student asked for. `None` asks for nothing; what is not known is within nothing else.
    #[must_use]
    pub fn within(self, farthest: Option<Self>) -> bool {
        farthest.is_none_or(|f| self <= f && self != Self::Unknown)
    }
}

/// A region's code (GB/T 2260 and below) with the town's name as written, which may be all that is known of the town.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'p> {
    pub code: &'p str,
    pub town: &'p str,
}

/// The nearest region that both places lie in.
#[must_use]
pub fn distance(a: Place<'_>, b: Place<'_>) -> Near {
    let both = |n: usize| a.code.get(..n).zip(b.code.get(..n));
    let same = |n: usize| both(n).is_some_and(|(x, y)| x == y);
    if a.code.len() < 2 || b.code.len() < 2 {
        return Near::Unknown;
    }
    let town = !key(a.town).is_empty() && key(a.town) == key(b.town);
    if same(9) || (same(6) && town) {
        return Near::Town;
    }
    // A county is asked for and one of the codes is of something wider: nobody knows.
    for (n, near) in [(6, Near::County), (4, Near::City), (2, Near::Province)] {
        match both(n) {
            Some((x, y)) if x == y => return near,
            Some(_) => {}
            None if same(a.code.len().min(b.code.len()).min(n)) => return Near::Unknown,
            None => {}
        }
    }
    Near::Elsewhere
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_common_region() {
        let at = |code, town| Place { code, town };
        for (a, b, want) in [
            (at("990121", "渠口镇"), at("990121", " 渠口镇 "), Near::Town),
            (at("990121100", ""), at("990121100001", ""), Near::Town),
            (at("990121100", "渠口镇"), at("990121101", "望川镇"), Near::County),
            (at("990121", ""), at("990121", ""), Near::County),
            (at("990121", "渠口镇"), at("990122", "渠口镇"), Near::City),
            (at("990121", ""), at("990221", ""), Near::Province),
            (at("990121", ""), at("980121", ""), Near::Elsewhere),
            (at("9901", ""), at("990121", ""), Near::Unknown),
            (at("9902", ""), at("990121", ""), Near::Province),
            (at("98", ""), at("990121", ""), Near::Elsewhere),
            (at("", "渠口镇"), at("990121", "渠口镇"), Near::Unknown),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (want, want), "{a:?} {b:?}");
        }
    }

    #[test]
    fn what_is_asked_for() {
        assert!(Near::Unknown.within(None) && Near::Elsewhere.within(None));
        assert!(Near::Town.within(Some(Near::County)) && !Near::City.within(Some(Near::County)));
        assert!(!Near::Unknown.within(Some(Near::Elsewhere)));
        assert_eq!(Near::ALL.map(|n| Near::parse(n.name())), Near::ALL.map(Some));
    }
}
