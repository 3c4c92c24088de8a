//! The data of the campaigns' screen, and its forms as typed.

use super::cost_rows::{self, CostRow};
use super::forms::{CostForm, LinkForm, ParametersForm, RuleForm};
use crate::error::{Problem, Result};
use crate::model::clock::Day;
use crate::reports::catalogue::{self, ReportKind};
use crate::reports::data_reader::DataReader;
use crate::reports::query::{Query, TableWant, Wants};
use crate::reports::table_query::TableQuery;
use crate::store::campaigns::{self, CampaignLink, CampaignPart, CampaignRule};
use crate::store::sites::Site;

/// The days whose costs are listed, and whose campaigns are suggested.
pub const DAYS: i32 = 365;
/// The most campaigns that are suggested.
const SUGGESTIONS: u32 = 200;

/// A section with a form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// Own campaigns.
    Rules,
    /// Costs.
    Costs,
    /// The link builder.
    Links,
    /// Further parameters.
    Parameters,
}

/// The forms of the screen, as typed.
#[derive(Default)]
pub struct CampaignForms {
    /// The result of the last change, shown once.
    pub notice: Option<&'static str>,
    /// The form of a rule.
    pub rule: RuleForm,
    /// The form of a cost.
    pub cost: CostForm,
    /// The form of a link.
    pub link: LinkForm,
    /// The form of parameters; `None` as they are stored.
    pub parameters: Option<ParametersForm>,
    /// The section whose form was refused, and why.
    pub refused: Option<(Section, Vec<Problem>)>,
}

impl CampaignForms {
    /// Returns the forms after one was refused.
    pub fn refused(section: Section, problems: Vec<Problem>) -> Self {
        Self { refused: Some((section, problems)), ..Self::default() }
    }

    /// Returns the problems of a section.
    pub fn problems(&self, section: Section) -> &[Problem] {
        match &self.refused {
            Some((refused, problems)) if *refused == section => problems,
            _ => &[],
        }
    }
}

/// The data of the screen.
pub struct CampaignsView {
    /// The site.
    pub site: Site,
    /// Today, in the site's zone.
    pub today: Day,
    /// The forms.
    pub forms: CampaignForms,
    /// The own campaigns.
    pub rules: Vec<CampaignRule>,
    /// The costs.
    pub costs: Vec<CostRow>,
    /// The links that were made.
    pub links: Vec<CampaignLink>,
    /// The further parameters.
    pub parameters: Vec<(String, CampaignPart)>,
    /// The names of campaigns to suggest.
    pub campaigns: Vec<String>,
}

impl CampaignsView {
    /// Loads the data.
    ///
    /// # Errors
    /// Fails when the data file cannot be read.
    pub fn load(reader: &DataReader<'_>, query: &Query, forms: CampaignForms) -> Result<Self> {
        let (connection, site, range) = (reader.connection, query.site.id, query.range);
        let rules = campaigns::list_rules(connection, site)?;
        let costs = campaigns::list_costs(connection, site, range.first, range.last.plus(DAYS))?;
        let links = campaigns::list_links(connection, site)?;
        let mut names: Vec<String> = rules.iter().map(|rule| rule.campaign.clone()).collect();
        names.extend(links.iter().map(|link| link.campaign.clone()));
        names.extend(costs.iter().map(|cost| cost.campaign.clone()));
        names.extend(seen(reader, query)?);
        names.sort_by_cached_key(|name| name.to_lowercase());
        names.dedup();
        Ok(Self {
            site: query.site.clone(),
            today: range.last,
            forms,
            rules,
            costs: cost_rows::rows(costs),
            links,
            parameters: campaigns::list_parameters(connection, site)?,
            campaigns: names,
        })
    }
}

/// Returns the campaigns that brought visits.
fn seen(reader: &DataReader<'_>, query: &Query) -> Result<Vec<String>> {
    let Some(ReportKind::Items(dimension)) = catalogue::find("campaigns").map(|report| report.kind) else {
        return Ok(Vec::new());
    };
    let table = TableWant { dimension, table: TableQuery::top(dimension, SUGGESTIONS), is_brief: true };
    let answer = reader.run(&query.with(Wants { tables: vec![table], ..Wants::default() }))?;
    Ok(answer.tables.into_iter().flat_map(|table| table.rows).map(|row| row.name.filter).collect())
}
