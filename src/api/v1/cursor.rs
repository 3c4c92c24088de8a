//! Cursors: the place where the next page begins. A cursor belongs to the query that it came from, and is refused with
//! any other one.

use crate::error::{Error, Result};
use crate::model::clock::Timestamp;
use crate::model::id::VisitId;
use crate::reports::visits::actions::ActionKey;
use std::hash::{BuildHasher, Hasher};

const NO_CURSOR: &str =
    "That is no cursor. Take next_cursor from the reply before, or leave it out to begin again.";
const OTHER_QUERY: &str = "This cursor belongs to another query. Send the same parameters as before, or leave the cursor out to \
                           begin again.";

/// The place where the next page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The number of a page of a list whose first page was read at a time, later visits left out.
    Page(u32, Timestamp),
    /// Below a visit.
    Visit(VisitId),
    /// Below an action.
    Action(ActionKey),
}

/// The query that cursors belong to.
#[derive(Clone, Debug)]
pub struct CursorScope(u64);

impl CursorScope {
    /// Creates the scope of a query, by all that decides which rows it has and in which order.
    pub fn new(query: &impl std::fmt::Debug) -> Self {
        let mut hasher = foldhash::quality::FixedState::default().build_hasher();
        hasher.write(format!("{query:?}").as_bytes());
        Self(hasher.finish())
    }

    /// Writes a cursor.
    pub fn write(&self, place: Place) -> String {
        let place = match place {
            Place::Page(number, until) => format!("p.{number:x}.{:x}", until.0),
            Place::Visit(visit) => format!("v.{:x}", visit.0),
            Place::Action(ActionKey { at, visit, number }) => {
                format!("a.{:x}.{:x}.{number:x}", at.0, visit.0)
            }
        };
        format!("{:016x}.{place}", self.0)
    }

    /// Reads a cursor of this query, whose places are of one kind: `choose` returns the parts of such a place.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` for a text that is no cursor, and for a cursor of another query.
    pub fn read<T>(&self, text: &str, choose: impl Fn(Place) -> Option<T>) -> Result<T> {
        choose(self.place(text)?).ok_or_else(|| refused(OTHER_QUERY))
    }

    fn place(&self, text: &str) -> Result<Place> {
        let mut parts = text.split('.');
        let scope = parts.next().and_then(|scope| u64::from_str_radix(scope, 16).ok());
        let kind = parts.next();
        let numbers: Option<Vec<i64>> =
            parts.map(|part| i64::from_str_radix(part, 16).ok().filter(|number| *number >= 0)).collect();
        let place = match (kind, numbers.as_deref()) {
            (Some("p"), Some(&[number, until])) => u32::try_from(number)
                .ok()
                .filter(|number| *number > 0)
                .map(|number| Place::Page(number, Timestamp(until))),
            (Some("v"), Some(&[visit])) => Some(Place::Visit(VisitId(visit))),
            (Some("a"), Some(&[at, visit, number])) => {
                Some(Place::Action(ActionKey { at: Timestamp(at), visit: VisitId(visit), number }))
            }
            _ => None,
        };
        let place = place.ok_or_else(|| refused(NO_CURSOR))?;
        if scope == Some(self.0) { Ok(place) } else { Err(refused(OTHER_QUERY)) }
    }
}

fn refused(sentence: &'static str) -> Error {
    Error::invalid("cursor", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_by_its_own_query_alone() {
        let (one, other) = (CursorScope::new(&("pages", 1)), CursorScope::new(&("pages", 2)));
        let action = ActionKey { at: Timestamp(5), visit: VisitId(1 << 60), number: 3 };
        for place in [Place::Page(3, Timestamp(77)), Place::Visit(VisitId(1 << 62)), Place::Action(action)] {
            let text = one.write(place);
            assert_eq!(one.read(&text, Some).unwrap(), place);
            assert!(one.read(&text, |_| None::<()>).unwrap_err().to_string().contains("another query"));
            assert!(other.read(&text, Some).unwrap_err().to_string().contains("another query"));
        }
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let scope = CursorScope::new(&1);
        let start = scope.write(Place::Visit(VisitId(1)));
        let page = format!("{}.p.0.1", start.split('.').next().unwrap());
        for wrong in ["", "x", "0.v", "0.v.-1", "0.p.1", &format!("{start}.1"), &page] {
            assert!(scope.read(wrong, Some).unwrap_err().to_string().contains("no cursor"), "{wrong}");
        }
    }
}
