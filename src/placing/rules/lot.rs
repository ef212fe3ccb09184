//! The lot: the last word between two who have the same claim.

/// A student's lot in a round: by the seed and the person alone, so that neither the order of a list nor who else takes part
/// changes it. The lower comes first. (The mixing function of SplitMix64, Steele and others 2014.)
#[must_use]
pub fn lot(seed: u64, person: i64) -> u64 {
    let mut z = seed ^ person.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2 {
        z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_lot_is_the_persons_and_the_seeds() {
        assert_eq!(lot(7, 12), lot(7, 12));
        assert_ne!(lot(7, 12), lot(8, 12));
        let all: BTreeSet<u64> = (0..50_000).map(|p| lot(1, p)).collect();
        assert_eq!(all.len(), 50_000);
    }

    #[test]
    fn no_number_of_a_person_is_favoured() {
        // Of two neighbours each comes first about half the time, whatever the seed.
        let first = (0..10_000_u64).filter(|s| lot(*s, 1) < lot(*s, 2)).count();
        assert!((4_800..5_200).contains(&first), "{first}");
    }
}
