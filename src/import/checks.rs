//! Whether a line of an exported site says what this program could have written: anybody may have changed the file since.

use crate::access::password;
use crate::id::{VisitId, VisitorId};
use crate::store::site_file::{Link, Record, Visit};

/// What is wrong with a record, if anything.
pub fn problem(record: &Record) -> Option<&'static str> {
    match record {
        Record::Visit(visit) => of_visit(visit),
        Record::Link(link) => of_link(link),
        _ => None,
    }
}

fn of_visit(visit: &Visit) -> Option<&'static str> {
    let numbers = visit.actions.iter().map(|action| action.number);
    match () {
        () if VisitId::parse(&visit.id).is_none() => Some("the visit has no number"),
        () if VisitorId::parse(&visit.visitor).is_none() => Some("the visitor has no number"),
        () if !numbers.is_sorted_by(|one, next| one < next) => Some("the actions are not in their order"),
        () => None,
    }
}

fn of_link(link: &Link) -> Option<&'static str> {
    let has_password = link.password.as_deref();
    match () {
        () if has_password.is_some_and(|hash| !password::is_affordable(hash)) => {
            Some("the guest link's password is none that this program has hashed")
        }
        () => None,
    }
}
