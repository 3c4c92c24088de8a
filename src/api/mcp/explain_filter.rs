//! The tool `explain_filter`: the words of filters, and what given filters mean.

use super::tool::{Arguments, ToolAnswer, ToolContext, parse};
use crate::access::capability::Capability;
use crate::api::v1::query::filters;
use crate::api::v1::query::request::FilterRequest;
use crate::api::v1::read_context::ReadContext;
use crate::api::v1::vocabulary::Vocabulary;
use crate::error::{Error, Result};
use crate::reports::filter::{self, Filter};
use crate::reports::filter_sentence;
use crate::reports::missing_names;
use crate::reports::visibility::Visibility;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The filters to explain, in one of three forms.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FilterArguments {
    /// Filters as in addresses, joined by `&`.
    #[schema(example = "country.in=DE,AT&href.contains=cakes")]
    filter: Option<String>,
    /// Filters as in a query.
    #[schema(max_items = 20)]
    filters: Option<Vec<FilterRequest>>,
    /// The id of a saved segment of the site.
    #[schema(example = "1")]
    segment: Option<String>,
    /// The id of the site of the segment, or of the site whose goals the filters name.
    #[schema(example = "1")]
    site_id: Option<String>,
}

/// The meaning of filters, and the vocabulary of queries.
#[derive(Serialize, ToSchema)]
pub struct FilterExplanation {
    /// The filters as in addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    /// The filters in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
    /// The filters as in a query.
    #[serde(skip_serializing_if = "Option::is_none")]
    filters: Option<Vec<FilterRequest>>,
    /// The problem with the filters, and its remedy.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// The metrics, filters and operators that exist.
    words: Vocabulary,
}

/// Explains filters.
///
/// # Errors
///
/// Fails for arguments of another form, for a site or segment that the token may not see, and when the data file cannot be
/// read.
pub fn run(context: &ToolContext<'_>, arguments: Arguments) -> Result<ToolAnswer> {
    let mut explanation = FilterExplanation {
        filter: None,
        sentence: None,
        filters: None,
        problem: None,
        words: Vocabulary::new(&Visibility::everything()),
    };
    let arguments: FilterArguments = parse(arguments)?;
    let site_id = arguments.site_id.clone();
    let sentence = match read(context, arguments) {
        Ok(None) => "The words of filters.",
        Ok(Some(filters)) => {
            explanation.problem = missing_goal(context, site_id.as_deref(), &filters)?;
            explanation.filter = Some(filter::write(&filters));
            explanation.sentence = Some(filter_sentence::sentences(&filters));
            explanation.filters = Some(filters.iter().map(FilterRequest::new).collect());
            match explanation.problem {
                None => "The filter is right; the sentence says what it means.",
                Some(_) => "The filter names what is not there; the problem says what.",
            }
        }
        Err(error @ Error::Invalid(_)) => {
            explanation.problem = Some(error.to_string());
            "The filter is wrong; the problem says why."
        }
        Err(error) => return Err(error),
    };
    ToolAnswer::new(sentence, &explanation)
}

/// Returns a sentence on goals that filters name and that a site does not have; `None` without a site, since each has its own.
fn missing_goal(
    context: &ToolContext<'_>,
    site_id: Option<&str>,
    filters: &[Filter],
) -> Result<Option<String>> {
    let Some(id) = site_id else { return Ok(None) };
    let site = context.site(id, Capability::SeeGoalResults)?;
    site.visibility().check(filters)?;
    let missing = missing_names::list(context.reader.connection, site.site.id, filters)?;
    let hint = if missing.has_goals() { " The tool goals lists those that are there." } else { "" };
    let sentence = || format!("{}{hint}", missing_names::describe(&missing));
    Ok((!missing.is_empty()).then(sentence))
}

/// Reads the filters in the form that was chosen; `None` without any.
fn read(context: &ToolContext<'_>, arguments: FilterArguments) -> Result<Option<Vec<Filter>>> {
    let FilterArguments { filter, filters, segment, site_id } = arguments;
    match (filter, filters, segment) {
        (None, None, None) => Ok(None),
        (Some(text), None, None) => filter::read(text.trim_start_matches('?')).map(Some),
        (None, Some(filters), None) => filters::read(&filters).map(Some),
        (None, None, Some(segment)) => {
            let id = site_id.ok_or_else(|| Error::invalid("site_id", "Say of which site the segment is."))?;
            let site = context.site(&id, Capability::OpenReport)?;
            let context = ReadContext { reader: context.reader, site: &site, origin: &context.origin };
            context.segment(&segment).map(Some)
        }
        _ => Err(Error::invalid("filter", "Give one of filter, filters and segment.")),
    }
}
