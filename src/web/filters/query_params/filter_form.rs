//! The form that adds a filter, as its fields stand in an address.

use super::names::FILTER_FORM;
use crate::error::{Error, Result};
use crate::reports::catalogue;
use crate::reports::filter::{self, Filter, Operator};

/// The fields of the form that adds a filter, as they were typed.
#[derive(Clone, Debug, Default)]
pub struct FilterForm {
    /// The name of the dimension.
    pub filter: String,
    /// The name of the operator.
    pub operator: String,
    /// The value.
    pub value: String,
}

/// A filter of the form that was refused, shown again as it was typed.
#[derive(Clone, Debug)]
pub struct RejectedFilter {
    /// The fields.
    pub form: FilterForm,
    /// The problem, as a sentence.
    pub problem: String,
}

impl FilterForm {
    /// Reads the fields from parameters; a missing one is empty.
    pub fn from_params(params: &[(String, String)]) -> Self {
        let [filter, operator, value] = FILTER_FORM.map(|field| {
            params.iter().find(|(name, _)| name == field).map_or_else(String::new, |(_, value)| value.clone())
        });
        Self { filter, operator, value }
    }

    /// Returns the filter; `None` if the form was not sent.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when a field is not valid, or when the filter does not go with the other filters.
    pub fn read(&self, params: &[(String, String)]) -> Result<Option<Filter>> {
        if self.filter.is_empty() {
            return Ok(None);
        }
        let refused = |problem: &str| Error::invalid("filter", problem);
        let dimension = catalogue::dimension_of_filter(&self.filter)
            .ok_or_else(|| refused("Choose what to filter by."))?;
        let operator = Operator::find(&self.operator).ok_or_else(|| refused("Choose how to compare."))?;
        let filter = Filter::typed(dimension, operator, &self.value)?;
        // Problems of the other filters are reported on their own.
        let others = params.iter().filter_map(|(name, value)| Filter::parse(name, value).ok().flatten());
        filter::check(&others.chain([filter.clone()]).collect::<Vec<_>>())?;
        Ok(Some(filter))
    }
}
