//! The screen of a report: title, filter bar, export, and the parts that all kinds of reports share.

use super::goal_choice::GoalChoice;
use crate::error::Error;
use crate::http::csv_file;
use crate::http::site_context::SiteContext;
use crate::reports::catalogue::{Report, ReportGroup, ReportKind};
use crate::reports::comparison::Comparison;
use crate::reports::query::Query;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::layout::Frame;
use crate::web::layout::screen_address::ScreenAddress;
use crate::web::ui::chart_notes::ChartNotes;
use crate::web::ui::format::{self, NumberUnit};
use crate::web::ui::icon;
use crate::web::ui::value_change::earlier_value;
use maud::{Markup, html};

/// The screen of a report.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of the caller")]
pub struct ReportPage {
    /// The report.
    pub report: &'static Report,
    /// The kind of its result, by the attribution that was chosen.
    pub kind: ReportKind,
    /// The address of the screen.
    pub address: ScreenAddress,
    /// The range, filters, comparison and visibility.
    pub query: Query,
    /// The goal whose conversions are counted.
    pub goal_choice: GoalChoice,
    /// The annotations of the range.
    pub notes: ChartNotes,
    /// True if the caller may export the report.
    pub may_export: bool,
    /// True if the caller may change the site's settings, such as which hosts are its own and what is measured.
    pub may_change_settings: bool,
    /// True if the caller may add goals.
    pub may_add_goals: bool,
    /// True if the caller may add monitors.
    pub may_set_monitors: bool,
}

impl ReportPage {
    /// Renders the screen around the content of the report.
    pub fn draw(&self, frame: &Frame, filter_bar: &FilterBar, content: &Markup) -> Markup {
        frame.page(&html! {
            div.head {
                h1 { (self.report.title) }
                (self.export_link())
            }
            p.about.quiet { (self.report.about) }
            (filter_bar.draw())
            div id="answer" { (content) }
        })
    }

    /// Renders the link to the report as a CSV file, if the caller may export it.
    pub fn export_link(&self) -> Markup {
        html! { @if self.may_export { a.button id="export" href=(self.export()) { (icon::download()) "CSV" } } }
    }

    /// Returns the address of the report as a CSV file.
    fn export(&self) -> String {
        let path = format!("{}/export/{}.csv", self.address.base, self.report.name);
        self.address.params.link(&path, &[("page", ""), ("limit", ""), (csv_file::BOM, "1")])
    }

    /// Renders the value of the comparison period next to the change of the value.
    pub fn earlier(&self, before: i64, unit: NumberUnit, comparison: Comparison) -> Markup {
        html! { span.quiet { " from " (earlier_value(before, unit, comparison)) ", " (format::days(comparison.period(self.query.range))) } }
    }

    /// Renders the sentence on the value of the comparison period where the range has nothing; empty if that has nothing either.
    pub fn it_was(&self, before: Option<i64>, unit: NumberUnit) -> Markup {
        html! {
            @if let Some((before, comparison)) = before.filter(|before| *before > 0).zip(self.query.comparison) {
                p { "It was " (earlier_value(before, unit, comparison)) ", " (format::days(comparison.period(self.query.range))) "." }
            }
        }
    }

    /// Renders a report without rows: the value of the comparison period, what the report will show, and the next step.
    pub fn nothing(&self, before: Option<i64>, unit: NumberUnit) -> Markup {
        let address = &self.address;
        if self.report.subject == ReportGroup::Goals && self.goal_choice.is_empty() && self.may_add_goals {
            return no_goals(address);
        }
        html! {
            section.empty {
                h2 { "Nothing in this range" }
                (self.it_was(before, unit))
                p { (self.report.about) }
                @if address.filters.is_empty() {
                    p { a.button.primary href=(address.link(&[("date", "last-30-days"), ("find", "")])) { "Show the last 30 days" } }
                } @else {
                    p { a.button.primary href=(address.with_filters(&[])) { "Clear filters" } }
                }
            }
        }
    }
}

/// Renders a report on goals of a site without any.
fn no_goals(address: &ScreenAddress) -> Markup {
    html! {
        section.empty {
            h2 { "No goals yet" }
            p { "Say what you want visitors to do, such as to order or to sign up, and see how many did and where they came from." }
            p { a.button.primary href={ (address.base) "/preferences/goals/new" } { "Add a goal" } }
        }
    }
}

/// Returns an error as this caller gets it: to a guest, what is forbidden does not exist.
pub fn refusal(error: Error, access: &SiteContext) -> Error {
    if matches!(error, Error::Forbidden) { access.refusal() } else { error }
}
