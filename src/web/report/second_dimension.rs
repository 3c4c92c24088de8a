//! The second dimension of a cross-tabulation.

use crate::error::{Error, Result};
use crate::reports::catalogue::{self, Report, ReportKind};
use crate::reports::dimension::Dimension;
use crate::reports::visibility::Visibility;
use crate::web::filters::query_params::QueryParams;

/// The dimension that another report is broken down by.
#[derive(Clone, Copy)]
pub struct SecondDimension {
    /// The report of the dimension.
    pub report: &'static Report,
    /// The dimension.
    pub dimension: &'static Dimension,
}

impl SecondDimension {
    /// Returns the second dimension that an address names; `None` if it names none.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Missing` when there is no such report, and with `Error::Forbidden` when the caller may not see
    /// it.
    pub fn from_params(
        params: &QueryParams,
        report: &Report,
        visibility: &Visibility,
    ) -> Result<Option<Self>> {
        if report.kind == ReportKind::Retention {
            return Ok(None);
        }
        let Some(name) = params.get("by").filter(|name| !name.is_empty() && *name != report.name) else {
            return Ok(None);
        };
        let second = catalogue::find(name).ok_or(Error::Missing("report"))?;
        match second.kind.dimension() {
            Some(_) if !visibility.shows(second) => Err(Error::Forbidden),
            Some(dimension) => Ok(Some(Self { report: second, dimension })),
            None => Err(Error::Missing("report")),
        }
    }
}
