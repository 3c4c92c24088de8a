//! The notes about retention, for screens whose range begins before the oldest visit in the file.

use crate::model::clock::Day;
use crate::reports::query::Query;
use crate::web::ui::format;
use maud::{Markup, html};

/// The note in place of an item's hours on a day without visits.
pub const NO_HOURS: &str = "Of this day totals are left. They do not tell in which hours an item was seen.";

fn sentence(since: Option<Day>, text: impl FnOnce(&str) -> String) -> Markup {
    html! { @if let Some(day) = since { p.verdict.plain role="note" { (text(&format::day(day))) } } }
}

/// Renders the note above a report that needs single visits.
pub fn of_report(since: Option<Day>, query: &Query) -> Markup {
    let part = match () {
        () if query.is_filtered() => "A filter",
        () if query.visits_alone => "A breakdown",
        () => "This report",
    };
    of_part(since, part)
}

/// Renders the note next to a part of a page that needs single visits.
pub fn of_part(since: Option<Day>, part: &str) -> Markup {
    sentence(since, |day| {
        format!(
            "{part} can only look at visits kept since {day}. Of the days before, totals are left, which are not counted here."
        )
    })
}

/// Renders the note above a list of visits.
pub fn of_list(since: Option<Day>) -> Markup {
    sentence(since, |day| {
        format!("This list begins on {day}: older visits are not kept. The reports still have their totals.")
    })
}

/// Renders the note above the dashboard.
pub fn of_dashboard(since: Option<Day>, query: &Query) -> Markup {
    if query.is_filtered() {
        return of_report(since, query);
    }
    sentence(since, |day| {
        format!(
            "Visits are kept since {day}. The days before count by their totals, which know no cities and no single visits."
        )
    })
}
