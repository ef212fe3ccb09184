//! Rows of one table against each other: the same person again, one number under two names, namesakes, shared phones.

use std::collections::{HashMap, HashSet};

use super::PersonInput;
use crate::importing::{Problem, Row, Table};
use crate::people::rules::id_type::IdType;

/// The good rows so far, by what they can clash in. Values are positions in the list of good rows.
#[derive(Default)]
pub(super) struct Peers {
    numbers: HashMap<(IdType, String), usize>,
    names: HashMap<String, usize>,
    phones: HashMap<String, usize>,
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
        let key = (input.id_type, input.id_no.clone());
        if let Some(earlier) = self.numbers.get(&key).and_then(|i| people.get(*i)) {
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
        if let Some((at, earlier)) = self.names.get(&input.name_key).and_then(|i| Some((*i, people.get(*i)?))) {
            say("name", Problem::warning("namesake").peer(earlier.row).with("name", &input.name));
            // A sign-in sheet knows people by name: in one class, both must be marked.
            if !input.class.is_empty() && earlier.class == input.class {
                self.namesakes.push((at, input.row));
            }
        }
        if let Some(earlier) = self.phones.get(&input.phone).and_then(|i| people.get(*i)) {
            say("phone", Problem::warning("phone_shared").peer(earlier.row).with("other", &earlier.name));
        }
    }

    /// Takes a good row in.
    pub(super) fn add(&mut self, input: &PersonInput, at: usize) {
        self.numbers.insert((input.id_type, input.id_no.clone()), at);
        if !self.names.contains_key(&input.name_key) {
            self.names.insert(input.name_key.clone(), at);
        }
        if !input.phone.is_empty() && !self.phones.contains_key(&input.phone) {
            self.phones.insert(input.phone.clone(), at);
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
