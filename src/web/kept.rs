//! What a screen says where its range reaches back to days of which only totals are left.

use super::format;
use crate::app::App;
use crate::clock::Day;
use crate::error::Result;
use crate::reports::catalogue::{Answer, Report};
use crate::reports::inquiry::{Inquiry, Scope};
use crate::reports::totals;
use crate::store::sites::Site;
use actix_web::web::Data;
use maud::{Markup, html};

/// Since when single visits are kept, where a question reaches back further.
pub async fn since(app: &Data<App>, site: &Site, scope: &Scope) -> Result<Option<Day>> {
    let (site, scope) = (site.clone(), scope.clone());
    app.report(move |reader| Ok(Inquiry::new(reader, &site, &scope)?.kept_since())).await
}

/// Whether a report has nothing to say of days of which only totals are left.
pub fn needs_visits(report: &Report, scope: &Scope) -> bool {
    scope.is_filtered()
        || match report.answer {
            Answer::Items(dimension) => !totals::kept().any(|(by, _)| by == dimension.by),
            Answer::Chronicle(_) => true,
            Answer::Tally(_) | Answer::LeftOut => false,
        }
}

fn sentence(since: Option<Day>, words: impl FnOnce(&str) -> String) -> Markup {
    html! { @if let Some(day) = since { p.verdict.plain role="note" { (words(&format::day(day))) } } }
}

/// Above a report that looks at single visits.
pub fn of_report(since: Option<Day>, scope: &Scope) -> Markup {
    let is_filtered = scope.is_filtered();
    sentence(since, |day| {
        let start = if is_filtered { "A filter" } else { "This report" };
        format!(
            "{start} can only look at visits kept since {day}. Of the days before, totals are left, which are not counted here."
        )
    })
}

/// Above a list of visits.
pub fn of_list(since: Option<Day>) -> Markup {
    sentence(since, |day| {
        format!("This list begins on {day}: older visits are not kept. The reports still have their totals.")
    })
}

/// Above the dashboard.
pub fn of_dashboard(since: Option<Day>, scope: &Scope) -> Markup {
    if scope.is_filtered() {
        return of_report(since, scope);
    }
    sentence(since, |day| {
        format!(
            "Visits are kept since {day}. The days before count by their totals, which know no cities and no single visits."
        )
    })
}
