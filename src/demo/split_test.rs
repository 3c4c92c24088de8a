//! The split test of the demo's shops: two order buttons, of which the green one brings a few more orders.

use super::visitors::PlannedVisit;
use crate::model::clock::Day;

/// The name of the test.
pub const TEST: &str = "Order button";
/// The goal of the test.
pub const GOAL: &str = "Order";
/// The days that the test has run.
const DAYS: i32 = 60;
/// The pages with the button begin with this path.
const PAGES: &str = "/shop";
/// The visitors of a hundred who see the green button.
const GREEN: u64 = 50;
/// The visitors who see it, of a hundred who order.
const GREEN_OF_ORDERS: u64 = 56;

/// Returns the first day of the test, by the last day of the demo.
pub fn began(last: Day) -> Day {
    last.plus(1 - DAYS)
}

/// Returns the version that a visit saw; `None` if it saw no order button.
pub fn version(planned: &PlannedVisit) -> Option<&'static str> {
    let has_ordered = planned.goals.iter().any(|(_, name, _)| *name == GOAL);
    let sees_button = planned.steps.iter().any(|step| path(&step.address).starts_with(PAGES));
    if !has_ordered && !sees_button {
        return None;
    }
    // The same visitor sees the same button, and no random number is drawn, so that all else is as it was.
    let mixed = planned.visitor.id.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let green = if has_ordered { GREEN_OF_ORDERS } else { GREEN };
    Some(if mixed % 100 < green { "green" } else { "original" })
}

/// Returns the path of an address.
fn path(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.find('/').map_or("", |start| &rest[start..])
}
