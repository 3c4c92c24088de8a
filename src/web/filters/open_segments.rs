//! The segments that a caller may choose from on a site.

use crate::error::Result;
use crate::http::auth::Admitted;
use crate::model::id::{SiteId, UserId};
use crate::reports::data_reader::DataReader;
use crate::reports::filter::{self, Filter};
use crate::reports::visibility::Visibility;
use crate::store::segments::{self, Segment};

/// The choice of segments of one caller: shared ones and their own, without those that filter by hidden data. Guests
/// have none.
pub struct OpenSegments {
    site: SiteId,
    user: Option<UserId>,
    visibility: Visibility,
}

impl OpenSegments {
    /// Returns the choice of the caller with this access.
    pub fn new(access: &impl Admitted) -> Self {
        let user = access.user().map(|user| user.user);
        Self { site: access.site.id, user, visibility: access.visibility().clone() }
    }

    /// Loads the segments with their filters.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn load(&self, reader: &DataReader<'_>) -> Result<Vec<(Segment, Vec<Filter>)>> {
        let Some(user) = self.user else { return Ok(Vec::new()) };
        let segments = segments::list(reader.connection, self.site, user)?;
        let readable = segments.into_iter().filter_map(|segment| {
            let filters = filter::read(&segment.conditions).ok()?;
            Some((segment, filters))
        });
        Ok(readable.filter(|(_, filters)| self.visibility.allows(filters)).collect())
    }
}
