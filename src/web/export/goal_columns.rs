//! The columns of conversions and costs in files: those that a site has and that may be seen.

use crate::app::App;
use crate::error::Result;
use crate::model::metrics::Metric;
use crate::reports::query::Query;
use crate::store::{campaigns, goals};
use crate::web::filters::query_params::QueryParams;
use crate::web::report::goal_choice::GoalChoice;

/// The name of the column of the goal whose conversions are counted alone, after all others.
pub const IN_VIEW: &str = "conversions_of";

/// The metrics of conversions, which follow the measures, then those of costs.
const METRICS: [Metric; 8] = [
    Metric::Conversions,
    Metric::ConversionRate,
    Metric::Revenue,
    Metric::RevenuePerVisit,
    Metric::RevenuePerVisitor,
    Metric::Cost,
    Metric::CostPerConversion,
    Metric::Return,
];

/// The columns of conversions and costs. A site without goals has none of conversions, and one without costs none of costs: their
/// files are as they were before the site had any, for the scripts that read them.
#[derive(Clone, Debug)]
pub struct GoalColumns {
    /// True if the site has goals.
    pub has_goals: bool,
    /// True if the site has costs of campaigns.
    has_costs: bool,
    /// The name of the goal whose conversions are counted alone.
    pub in_view: Option<String>,
}

impl GoalColumns {
    /// Loads the columns that a site has, and the goal that an address names, which the query returned counts alone.
    ///
    /// # Errors
    /// Fails with `Error::Invalid` when there is no such goal, and when the data file cannot be read.
    pub async fn load(app: &App, query: Query, params: &QueryParams) -> Result<(Query, Self)> {
        let params = params.clone();
        app.view(move |reader| {
            let choice = GoalChoice::load(reader, &query, &params)?;
            let columns = Self {
                has_goals: goals::count(reader.connection, query.site.id)? > 0,
                has_costs: campaigns::has_costs(reader.connection, query.site.id)?,
                in_view: choice.name().map(str::to_owned),
            };
            Ok((choice.applied(query), columns))
        })
        .await
    }

    /// Lists the metrics that files of items have.
    pub fn metrics(&self, query: &Query) -> Vec<Metric> {
        let has = |metric: Metric| match metric {
            Metric::Cost | Metric::CostPerConversion | Metric::Return => self.has_costs,
            _ => self.has_goals,
        };
        METRICS.into_iter().filter(|metric| has(*metric) && query.visibility.shows_metric(*metric)).collect()
    }
}
