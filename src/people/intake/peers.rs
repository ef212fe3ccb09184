//! Rows of one table against each other: the same person again, one number under two names, namesakes, shared phones.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, RandomState};

use super::PersonInput;
use crate::importing::{Problem, Row, Table};

/// Positions in the list of good rows, by the hash of what they may share. The texts themselves stay where they are: a
/// match is compared with the row it points at.
#[derive(Default)]
struct Index {
    places: HashMap<u64, usize>,
    state: RandomState,
}

impl Index {
    /// The first row added under an equal key.
    fn get<'p, K: Hash + PartialEq>(
        &self,
        people: &'p [PersonInput],
        key: K,
        of: impl Fn(&'p PersonInput) -> K,
    ) -> Option<(usize, &'p PersonInput)> {
        let mut hash = self.state.hash_one(&key);
        loop {
            let at = *self.places.get(&hash)?;
            let found = people.get(at)?;
            if of(found) == key {
                return Some((at, found));
            }
            // Two keys of one hash: the later stands at the next number.
            hash = hash.wrapping_add(1);
        }
    }

    fn add<'p, K: Hash + PartialEq>(
        &mut self,
        people: &'p [PersonInput],
        at: usize,
        of: impl Fn(&'p PersonInput) -> K,
    ) {
        let Some(key) = people.get(at).map(&of) else { return };
        let mut hash = self.state.hash_one(&key);
        while let Some(taken) = self.places.get(&hash) {
            if people.get(*taken).is_some_and(|p| of(p) == key) {
                return;
            }
            hash = hash.wrapping_add(1);
        }
        self.places.insert(hash, at);
    }
}

/// The good rows so far, by what they can clash in.
#[derive(Default)]
pub(super) struct Peers {
    numbers: Index,
    names: Index,
    phones: Index,
    /// Earlier rows that share name and class with a later one.
    namesakes: Vec<(usize, u32)>,
}

impl Peers {
    /// Compares a row that is good by itself with the good ones before it.
    pub(super) fn compare(
        &mut self,
        table: &Table,
        row: &Row,
        input: &PersonInput,
        people: &[PersonInput],
        problems: &mut Vec<Problem>,
    ) {
        let mut say = |key: &str, p: Problem| problems.push(table.problem(p, row, key));
        let number = (input.id_type, input.id_no.as_str());
        if let Some((_, earlier)) = self.numbers.get(people, number, |p| (p.id_type, p.id_no.as_str())) {
            let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
            let (column, code) = if earlier.name_key != input.name_key {
                ("name", "id_used_with_other_name")
            } else if differ(&earlier.phone, &input.phone) {
                ("phone", "duplicate_person_other_phone")
            } else if differ(&earlier.level, &input.level) {
                ("level", "duplicate_person_other_level")
            } else {
                ("", "duplicate_row")
            };
            say(column, Problem::error(code).peer(earlier.row).with("name", &input.name).with("other", &earlier.name));
            return;
        }
        if let Some((at, earlier)) = self.names.get(people, input.name_key.as_str(), |p| p.name_key.as_str()) {
            say("name", Problem::warning("namesake").peer(earlier.row).with("name", &input.name));
            // A sign-in sheet knows people by name: in one class, both must be marked.
            if !input.class.is_empty() && earlier.class == input.class {
                self.namesakes.push((at, input.row));
            }
        }
        if !input.phone.is_empty()
            && let Some((_, earlier)) = self.phones.get(people, input.phone.as_str(), |p| p.phone.as_str())
        {
            say("phone", Problem::warning("phone_shared").peer(earlier.row).with("other", &earlier.name));
        }
    }

    /// Takes in the last of the good rows.
    pub(super) fn add(&mut self, people: &[PersonInput]) {
        let Some(at) = people.len().checked_sub(1) else { return };
        self.numbers.add(people, at, |p| (p.id_type, p.id_no.as_str()));
        self.names.add(people, at, |p| p.name_key.as_str());
        if people.get(at).is_some_and(|p| !p.phone.is_empty()) {
            self.phones.add(people, at, |p| p.phone.as_str());
        }
    }

    /// What later rows made known of earlier ones.
    pub(super) fn later(self, table: &Table, people: &[PersonInput]) -> Vec<Problem> {
        let mut done = HashSet::new();
        self.namesakes
            .into_iter()
            .filter(|(at, _)| done.insert(*at))
            .filter_map(|(at, peer)| {
                let p = people.get(at)?;
                let row = table.rows.get(p.index)?;
                let said = Problem::warning("namesake").peer(peer).with("name", &p.name);
                Some(table.problem(said, row, "name"))
            })
            .collect()
    }
}
