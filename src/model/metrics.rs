//! The table of metrics, which are computed from measures: tables, cards, charts and files read it. Adding a metric is adding
//! a row; a new measure is a row of [`super::measures`], and is counted where visits are read (`reports::columns::NUMBERS`, or
//! a flag in `reports::columns::visit_row`).

use super::currency::Currency;
pub use super::measures::{Measure, Metrics};
use strum::IntoStaticStr;

/// The unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum NumberUnit {
    /// A count.
    Count,
    /// Seconds.
    Seconds,
    /// Thousandths of a whole, shown in per cent.
    Permille,
    /// Hundredths, shown with two decimals.
    Hundredths,
    /// The minor unit of a currency.
    Money(Currency),
}

impl NumberUnit {
    /// Returns the name, for scripts.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The computation of a metric from measures.
#[derive(Clone, Copy, Debug)]
enum Formula {
    /// A measure itself.
    Sum(Measure),
    /// A measure for each visit, times a factor.
    PerVisit(Measure, i64),
    /// The revenue: what was earned, without refunds.
    Revenue,
    /// The revenue for each of a measure, times a factor.
    RevenuePer(Measure, i64),
    /// A measure for each of another one.
    Per(Measure, Measure),
}

/// The unit of a metric, without the currency, which is that of the site.
#[derive(Clone, Copy, Debug)]
enum Unit {
    /// A unit that is the same for every site.
    Of(NumberUnit),
    /// The minor unit of the site's currency.
    Money,
}

/// A column of a metric in tables of items.
#[derive(Clone, Copy, Debug)]
pub struct MetricColumn {
    /// The name in URLs, by which rows are sorted.
    pub name: &'static str,
    /// The heading.
    pub title: &'static str,
    /// The noun for it within a sentence.
    pub noun: &'static str,
    /// A help tip that says what it counts.
    pub about: Option<&'static str>,
}

/// A row of the table of metrics.
struct MetricRow {
    formula: Formula,
    unit: Unit,
    is_less_better: bool,
    column: Option<MetricColumn>,
}

impl MetricRow {
    const fn new(formula: Formula, unit: Unit) -> Self {
        Self { formula, unit, is_less_better: false, column: None }
    }

    const fn sum(measure: Measure) -> Self {
        Self::new(Formula::Sum(measure), Unit::Of(NumberUnit::Count))
    }

    const fn per_visit(measure: Measure, times: i64, unit: NumberUnit) -> Self {
        Self::new(Formula::PerVisit(measure, times), Unit::Of(unit))
    }

    const fn money(formula: Formula) -> Self {
        Self::new(formula, Unit::Money)
    }

    const fn less_is_better(self) -> Self {
        Self { is_less_better: true, ..self }
    }

    const fn column(
        self,
        name: &'static str,
        title: &'static str,
        noun: &'static str,
        about: &'static str,
    ) -> Self {
        Self { column: Some(MetricColumn { name, title, noun, about: Some(about) }), ..self }
    }
}

macro_rules! metrics {
    ($($(#[$meta:meta])* $metric:ident = $row:expr;)*) => {
        /// A metric, as screens and files show it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$meta])* $metric,)*
        }

        static METRICS: &[(Metric, MetricRow)] = &[$((Metric::$metric, $row)),*];
    };
}

metrics! {
    /// The occurrences of an item.
    Hits = MetricRow {
        column: Some(MetricColumn { name: "hits", title: "Times", noun: "times", about: None }),
        ..MetricRow::sum(Measure::Hits)
    };
    /// The number of visits.
    Visits = MetricRow::sum(Measure::Visits).column(
        "visits", "Visits", "visits", "Stays; one ends after 30 minutes without a sign of life");
    /// The number of unique visitors.
    Uniques = MetricRow::sum(Measure::Uniques).column(
        "uniques", "Visitors", "visitors", "Visitors, each counted once a day");
    /// The number of new visitors.
    New = MetricRow::sum(Measure::New).column(
        "new", "New", "new visitors", "Visitors who were never seen before");
    /// The visitors active in the last five minutes. It has no value for a range: that of the visits stands for it.
    Online = MetricRow::sum(Measure::Visits);
    /// The number of actions of all counted kinds.
    Actions = MetricRow::sum(Measure::Actions).column(
        "actions", "Actions", "actions", "Page views, downloads, outbound clicks and events");
    /// The number of page views.
    PageViews = MetricRow::sum(Measure::PageViews);
    /// The number of downloads.
    Downloads = MetricRow::sum(Measure::Downloads);
    /// The number of outbound clicks.
    Outbounds = MetricRow::sum(Measure::Outbounds);
    /// The number of events.
    Events = MetricRow::sum(Measure::Events);
    /// The average number of actions in a visit.
    ActionsAverage = MetricRow::per_visit(Measure::Actions, 100, NumberUnit::Hundredths);
    /// The average seconds of a visit.
    TimeAverage = MetricRow::per_visit(Measure::Seconds, 1, NumberUnit::Seconds).column(
        "time", "Time a visit", "time", "How long these visits last on average");
    /// The seconds of all visits.
    TimeTotal = MetricRow { unit: Unit::Of(NumberUnit::Seconds), ..MetricRow::sum(Measure::Seconds) };
    /// The bounce rate.
    BounceRate = MetricRow::per_visit(Measure::Bounces, 1_000, NumberUnit::Permille).less_is_better()
        .column("bounces", "Bounces", "bounces", "The share of these visits with one page view only and less than 30 seconds");
    /// The average time on a page.
    TimeOnPage = MetricRow::new(Formula::Per(Measure::ReadSeconds, Measure::Reads), Unit::Of(NumberUnit::Seconds)).column(
        "time-on-page", "Time on page", "time on page", "How long the page is visible to a visit on average");
    /// The average scroll depth of a page.
    ScrollDepth = MetricRow::new(Formula::Per(Measure::ReadDepth, Measure::DepthReads), Unit::Of(NumberUnit::Permille)).column(
        "scroll-depth", "Scroll depth", "scroll depth", "How far down the page visits scroll on average");
    /// The number of conversions.
    Conversions = MetricRow::sum(Measure::Conversions).column(
        "conversions", "Conversions", "conversions", "Goals reached in these visits");
    /// The share of visits with a conversion.
    ConversionRate = MetricRow::per_visit(Measure::Converted, 1_000, NumberUnit::Permille).column(
        "conversion-rate", "Conversion rate", "conversion rate", "Share of these visits that reached a goal");
    /// The revenue: what was earned, without refunds.
    Revenue = MetricRow::money(Formula::Revenue).column(
        "revenue", "Revenue", "revenue", "Revenue of the goals reached in these visits, minus refunds");
    /// The average revenue of a visit.
    RevenuePerVisit = MetricRow::money(Formula::RevenuePer(Measure::Visits, 1)).column(
        "revenue-per-visit", "Revenue per visit", "revenue per visit", "Average revenue of these visits");
    /// The average revenue of a unique visitor.
    RevenuePerVisitor = MetricRow::money(Formula::RevenuePer(Measure::Uniques, 1)).column(
        "revenue-per-visitor", "Revenue per visitor", "revenue per visitor", "Average revenue per visitor and day");
    /// The cost of campaigns.
    Cost = MetricRow::money(Formula::Sum(Measure::Cost)).less_is_better().column(
        "cost", "Cost", "cost", "What you entered as the cost of campaigns");
    /// The cost of each conversion.
    CostPerConversion = MetricRow::money(Formula::Per(Measure::Cost, Measure::Conversions)).less_is_better().column(
        "cost-per-conversion", "Cost per conversion", "cost per conversion", "Cost divided by conversions");
    /// The revenue for what campaigns cost.
    Return = MetricRow::new(Formula::RevenuePer(Measure::Cost, 1_000), Unit::Of(NumberUnit::Permille)).column(
        "return", "Return", "return", "Revenue divided by cost");
}

impl Metric {
    fn row(self) -> &'static MetricRow {
        &METRICS[self as usize].1
    }

    /// Returns the value, in the unit of the metric.
    pub fn value(self, metrics: &Metrics) -> i64 {
        match self.row().formula {
            Formula::Sum(measure) => metrics[measure],
            Formula::PerVisit(measure, times) => {
                quotient(metrics[measure] * times, metrics[Measure::Visits].max(1))
            }
            Formula::Revenue => metrics.revenue(),
            Formula::RevenuePer(measure, times) => {
                quotient(metrics.revenue().saturating_mul(times), metrics[measure])
            }
            Formula::Per(measure, by) => quotient(metrics[measure], metrics[by]),
        }
    }

    /// Returns the measures from which the metric is computed.
    pub fn measures(self) -> Vec<Measure> {
        match self.row().formula {
            Formula::Sum(measure) => vec![measure],
            Formula::PerVisit(measure, _) => vec![measure, Measure::Visits],
            Formula::Revenue => vec![Measure::Earned, Measure::Refunded],
            Formula::RevenuePer(measure, _) => vec![Measure::Earned, Measure::Refunded, measure],
            Formula::Per(measure, by) => vec![measure, by],
        }
    }

    /// Returns the value for the conversions of a goal among all visits: a rate or an average is that of all visits, whether they
    /// reached the goal or not.
    pub fn value_of_goal(self, metrics: &Metrics, all: &Metrics) -> i64 {
        match self {
            Self::ConversionRate | Self::RevenuePerVisit | Self::RevenuePerVisitor => {
                self.value(&metrics.among(all))
            }
            _ => self.value(metrics),
        }
    }

    /// Returns true if the metric counts conversions, or is computed from them.
    pub fn is_of_goals(self) -> bool {
        self.is_of_money() || matches!(self, Self::Conversions | Self::ConversionRate)
    }

    /// Returns true if the metric is an amount of money, or is computed from one.
    pub fn is_of_money(self) -> bool {
        matches!(
            self,
            Self::Revenue
                | Self::RevenuePerVisit
                | Self::RevenuePerVisitor
                | Self::Cost
                | Self::CostPerConversion
                | Self::Return
        )
    }

    /// Returns true if the metric is measured for pages alone.
    pub fn is_of_pages(self) -> bool {
        matches!(self, Self::TimeOnPage | Self::ScrollDepth)
    }

    /// Returns true if a metric of pages was measured. Others always have a value.
    pub fn is_measured(self, metrics: &Metrics) -> bool {
        match self.row().formula {
            Formula::Per(_, by) if self.is_of_pages() => metrics[by] > 0,
            _ => true,
        }
    }

    /// Returns the unit for a site with a currency.
    pub fn unit(self, currency: Currency) -> NumberUnit {
        match self.row().unit {
            Unit::Of(unit) => unit,
            Unit::Money => NumberUnit::Money(currency),
        }
    }

    /// Returns true if a lower value is better.
    pub fn is_less_better(self) -> bool {
        self.row().is_less_better
    }

    /// Iterates over the metrics that are columns of tables, in the order of columns.
    pub fn columns() -> impl Iterator<Item = (Self, &'static MetricColumn)> {
        METRICS.iter().filter_map(|(metric, row)| Some((*metric, row.column.as_ref()?)))
    }

    /// Lists what the columns of some metrics count, such as `visits, actions and time`, in the order of columns.
    pub fn nouns(metrics: &[Self]) -> String {
        let columns = Self::columns().filter(|(metric, _)| metrics.contains(metric));
        let nouns: Vec<_> = columns.map(|(_, column)| column.noun).collect();
        match nouns.as_slice() {
            [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => nouns.concat(),
        }
    }

    /// Returns the column of tables, if there is one.
    pub fn column(self) -> Option<&'static MetricColumn> {
        self.row().column.as_ref()
    }
}

/// Divides, rounding to the nearest integer and halves away from zero; 0 for a division by zero.
pub fn quotient(value: i64, by: i64) -> i64 {
    let doubled = value.checked_rem(by).unwrap_or(0).unsigned_abs() * 2;
    let is_up = by != 0 && doubled >= by.unsigned_abs();
    let away = if (value < 0) == (by < 0) { 1 } else { -1 };
    value.checked_div(by).unwrap_or(0) + if is_up { away } else { 0 }
}

/// Returns a duration such as `0`, `45s`, `3m 10s`, `2h 5m` or `6d 19h`, rounded to the smaller of two units.
pub fn duration_text(seconds: i64) -> String {
    let (minutes, hours) = (quotient(seconds, 60), quotient(seconds, 3_600));
    match seconds {
        ..=0 => "0".into(),
        1..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m {}s", seconds / 60, seconds % 60),
        _ if minutes < 24 * 60 => format!("{}h {}m", minutes / 60, minutes % 60),
        _ => format!("{}d {}h", hours / 24, hours % 24),
    }
}

#[cfg(test)]
mod tests;
