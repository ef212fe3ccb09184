//! The use cases of placing, the only writer of its tables. Placements themselves are made by the practicum.

mod lines;
mod propose;
mod publish;
mod round;
mod scene;
mod slot;
mod wishes;

pub use lines::{FindLines, Heavy, Keep, LINE_ORDERS, LineView, bar_msg, heavy, lines, put_line};
pub use propose::{Proposed, Reason, propose};
pub use publish::{publish, swap};
pub use round::{MOST_WISHES, ORDERS, RoundInput, RoundView, SEEDS, cancel, create, edit, get, list};
pub use slot::{SLOT_ORDERS, SlotInput, SlotView, add_slot, edit_slot, remove_slot, slot_view, slots};
pub use wishes::{PutWishes, StudentView, choices, my_rounds, put_wishes, student};
