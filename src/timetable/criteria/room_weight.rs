//! Room weight: each exam in a room costs the room's weight, twice if two exams use it. Source: ITC-2007 track 1, "room
//! penalty".

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Criterion, Tables, weight};
use crate::timetable::model::{Plan, Problem};

/// Multiple of the rooms' weights.
#[derive(Debug)]
pub struct RoomWeight(pub u32);

/// From the multiple, 1 as a rule.
pub fn from_json(v: &Value) -> Option<Arc<dyn Criterion>> {
    Some(Arc::new(RoomWeight(weight(v)?)))
}

impl Criterion for RoomWeight {
    fn key(&self) -> &'static str {
        "room_weight"
    }

    fn setting(&self) -> Value {
        json!(self.0)
    }

    fn compile(&self, problem: &Problem, tables: &mut Tables) {
        for e in 0..problem.exams.len() {
            for (r, room) in problem.rooms.iter().enumerate() {
                tables.add_room(e, r, i64::from(self.0) * i64::from(room.weight));
            }
        }
    }

    fn count(&self, problem: &Problem, plan: &Plan) -> i64 {
        let rooms = plan.iter().flatten().flat_map(|x| &x.rooms);
        rooms.map(|&r| i64::from(problem.rooms[r as usize].weight)).sum::<i64>() * i64::from(self.0)
    }
}
