//! The part of a report's screen that a search inside the page replaces: the table, and the controls that repeat the
//! query parameters.

use super::goal_choice::GoalChoice;
use super::page::ReportPage;
use super::second_dimension::SecondDimension;
use super::{cross_tab, items};
use crate::app::App;
use crate::error::Result;
use crate::http::client::header_text;
use crate::reports::dimension::Dimension;
use crate::web::filters::filter_bar::FilterBar;
use crate::web::layout::RangeControl;
use actix_web::HttpRequest;
use maud::{Markup, html};

/// The table of a report with items, without the frame, the map and the chart.
pub struct TablePart {
    /// The screen of the report.
    pub page: ReportPage,
    /// The dimension of the report.
    pub dimension: &'static Dimension,
    /// The second dimension of a cross-tabulation.
    pub second: Option<SecondDimension>,
    /// The range control.
    pub range: RangeControl,
}

/// Returns true if a request asks for the table alone: if htmx is to replace the table by the answer, and follows no
/// link and no history, for which it gets whole pages (<https://htmx.org/reference/#request_headers>). The two answers
/// at one address are not mixed up by caches, which store neither.
pub fn is_requested(request: &HttpRequest) -> bool {
    let is_true = |name: &str| header_text(request, name) == "true";
    let is_of_table = is_true("hx-request") && header_text(request, "hx-target") == "table";
    is_of_table && !is_true("hx-boosted") && !is_true("hx-history-restore-request")
}

impl TablePart {
    /// Loads and renders the table, with the controls that are replaced together with it.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Forbidden` when the order of the table reads what the caller may not see, and when the data
    /// file cannot be read.
    pub async fn load(self, app: &App, filter_bar: FilterBar) -> Result<Markup> {
        let Self { mut page, dimension, second, range } = self;
        let wants = match second {
            Some(second) => cross_tab::wants(&page, dimension, second),
            None => items::table_wants(&page, dimension),
        };
        let query = page.query.with(wants);
        let params = page.address.params.clone();
        let loaded = app.view(move |reader| {
            let choice = GoalChoice::load(reader, &query, &params)?;
            let query = choice.applied(query);
            Ok((filter_bar.load(reader)?, reader.run(&query)?, choice))
        });
        let (filter_bar, answer, choice) = loaded.await?;
        page.goal_choice = choice;
        let table = match second {
            Some(second) => cross_tab::draw(&page, dimension, second, answer),
            None => items::draw_table(&page, dimension, answer),
        };
        Ok(html! { (page.export_link()) (range.draw()) (filter_bar.draw()) (table) })
    }
}
