//! The range control of a screen: earlier, later, the preset ranges, two chosen days, and the comparison.

use crate::model::clock::Day;
use crate::reports::comparison::Comparison;
use crate::reports::date_range::{DateRange, Unit};
use crate::web::filters::query_params::QueryParams;
use crate::web::ui::{format, icon};
use maud::{Markup, html};

/// The preset ranges, by name and title.
pub const RANGES: [(&str, &str); 10] = [
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("last-7-days", "Last 7 days"),
    ("last-30-days", "Last 30 days"),
    ("this-week", "This week"),
    ("this-month", "This month"),
    ("last-month", "Last month"),
    ("this-year", "This year"),
    ("last-365-days", "Last 365 days"),
    ("last-year", "Last year"),
];

/// The range control of a screen.
#[derive(Clone, Debug)]
pub struct RangeControl {
    /// The path of the screen.
    pub path: String,
    /// The query parameters of the screen.
    pub params: QueryParams,
    /// The range in days.
    pub range: DateRange,
    /// The range before, as an address names it.
    pub earlier: String,
    /// The range after, as an address names it; `None` if it has not begun.
    pub later: Option<String>,
    /// True if the screen compares its range with another one.
    is_compared: bool,
}

impl RangeControl {
    /// Returns the range control of the screen at this path; no range later than today is offered.
    pub fn new(params: &QueryParams, path: &str, range: DateRange, today: Day) -> Self {
        let unit = Unit::of_date(&params.date());
        let (earlier, later) = match unit.map(|unit| (unit, unit.around(range.first))) {
            Some((unit, whole)) => {
                let (before, after) = (unit.around(whole.first.plus(-1)), unit.around(whole.last.plus(1)));
                (unit.text(before), (after.first <= today).then(|| unit.text(after)))
            }
            None => (range.earlier().text(), range.later(today).map(DateRange::text)),
        };
        Self { path: path.to_owned(), params: params.clone(), range, earlier, later, is_compared: true }
    }

    /// Returns the control of a screen that compares nothing.
    #[must_use]
    pub fn without_comparison(self) -> Self {
        Self { is_compared: false, ..self }
    }

    fn link(&self, date: &str) -> String {
        self.params.link(&self.path, &[("date", date)])
    }

    /// Renders the control.
    pub fn draw(&self) -> Markup {
        let date = self.params.date();
        let known = RANGES.iter().find(|(preset, _)| *preset == date).map(|(_, name)| *name);
        let days = format::days(self.range);
        html! {
            div.range id="range" hx-boost="true" hx-target="#content" hx-select="#content" hx-select-oob="#range,#side,#finder-list" hx-swap="outerHTML" {
                a.button.icon-button href=(self.link(&self.earlier)) data-key="[" aria-label="Earlier" title="Earlier" { (icon::left()) }
                details.menu.range-menu {
                    summary title=(days) { span { (known.unwrap_or(&days)) } (icon::down()) }
                    div.menu-list {
                        ul {
                            @for (preset, name) in RANGES {
                                li { a href=(self.link(preset)) aria-current=[(preset == date).then_some("true")] { (name) } }
                            }
                        }
                        (self.own_days())
                        @if self.is_compared { div.folded { (self.comparisons()) } }
                    }
                }
                @if self.is_compared { (self.comparison_menu()) }
                @match &self.later {
                    Some(later) => a.button.icon-button href=(self.link(later)) data-key="]" aria-label="Later" title="Later" { (icon::right()) },
                    None => span.button.icon-button.off aria-hidden="true" { (icon::right()) },
                }
            }
        }
    }

    fn own_days(&self) -> Markup {
        html! {
            form.range-form method="get" action=(self.path) data-range {
                @for (name, value) in self.params.hidden_fields(&["date", "from", "to"]) { input type="hidden" name=(name) value=(value); }
                label { "From" input type="date" name="from" value=(self.range.first) required; }
                label { "to" input type="date" name="to" value=(self.range.last) required; }
                button type="submit" { "Show" }
            }
        }
    }

    /// Renders the menu of comparisons next to the range; on a phone it is part of the range's menu.
    fn comparison_menu(&self) -> Markup {
        let comparison = self.params.comparison();
        let days = comparison.map(|comparison| format::days(comparison.period(self.range)));
        let short = match comparison {
            None => "Not compared",
            Some(Comparison::Before) => "vs. period before",
            Some(Comparison::Calendar(Unit::Week)) => "vs. week before",
            Some(Comparison::Calendar(Unit::Month)) => "vs. month before",
            Some(Comparison::Weekdays) => "vs. same weekdays",
            Some(Comparison::Calendar(Unit::Year) | Comparison::Year) => "vs. year before",
        };
        html! {
            details.menu.range-menu.compare-menu {
                summary title=[days.map(|days| format!("Compared with {days}"))] { span { (short) } (icon::down()) }
                div.menu-list { (self.comparisons()) }
            }
        }
    }

    fn comparisons(&self) -> Markup {
        let chosen = self.params.comparison();
        let choice = |comparison: Option<Comparison>, value: &str, name: &str| {
            let days = comparison.map(|comparison| format::days(comparison.period(self.range)));
            html! {
                li {
                    a href=(self.params.link(&self.path, &[("compare", value)])) aria-current=[(chosen == comparison).then_some("true")] {
                        span { (name) }
                        @if let Some(days) = days { span.quiet { (days) } }
                    }
                }
            }
        };
        let date = self.params.date();
        html! {
            p.menu-title { "Compare with" }
            ul.comparisons {
                @for one in Comparison::ALL {
                    @let comparison = one.for_date(&date);
                    // An address without a mode means the period before.
                    (choice(Some(comparison), if one == Comparison::Before { "" } else { one.name() }, comparison.label()))
                }
                (choice(None, "none", "nothing"))
            }
        }
    }
}
