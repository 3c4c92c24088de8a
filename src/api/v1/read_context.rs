//! The site of a request that reads, with the reader of one moment of its data.

use super::screens::Screens;
use crate::error::{Error, Result};
use crate::http::site_context::SiteContext;
use crate::model::clock::Day;
use crate::model::currency::Currency;
use crate::model::id::SegmentId;
use crate::reports::data_reader::DataReader;
use crate::reports::filter::{self, Filter};
use crate::reports::query::{Query, Wants};
use crate::store::segments::{self, Segment, SegmentScope};

/// The site of a request that reads, with the reader of one moment of its data.
pub struct ReadContext<'a> {
    /// The reader.
    pub reader: &'a DataReader<'a>,
    /// The site, with the program's rights on it.
    pub site: &'a SiteContext,
    /// The address of this server, such as `https://stats.example.com`.
    pub origin: &'a str,
}

impl ReadContext<'_> {
    /// Returns the site's day of today.
    pub fn today(&self) -> Day {
        self.site.site.zone.day(self.reader.now)
    }

    /// Returns the currency of the site.
    pub fn currency(&self) -> Currency {
        self.site.site.currency
    }

    /// Returns the addresses of the site's screens.
    pub fn screens(&self) -> Screens {
        Screens::new(self.origin, &self.site.site)
    }

    /// Returns a query about today, with all that the program may see.
    pub fn query_today(&self, wants: Wants) -> Query {
        let site = self.site.site.clone();
        Query::today(site, self.reader.now, self.site.visibility().clone()).with(wants)
    }

    /// Lists the segments that the program may use: those that all of the site share, and with a token those of its person.
    ///
    /// # Errors
    ///
    /// Fails when the data file cannot be read.
    pub fn segments(&self) -> Result<Vec<(Segment, Vec<Filter>)>> {
        let (connection, site) = (self.reader.connection, self.site.site.id);
        let stored = match self.site.token_user {
            Some(user) => segments::list(connection, site, user)?,
            None => segments::list_of_all(connection, site)?
                .into_iter()
                .filter_map(|(segment, owner)| owner.is_none().then_some(segment))
                .collect(),
        };
        let readable = stored.into_iter().filter_map(|segment| {
            let filters = filter::read(&segment.conditions).ok()?;
            Some((segment, filters))
        });
        Ok(readable.filter(|(_, filters)| self.site.visibility().allows(filters)).collect())
    }

    /// Returns the filters of a segment that the program may use.
    ///
    /// # Errors
    ///
    /// Fails with `Error::Invalid` when there is none, and when the data file cannot be read.
    pub fn segment(&self, id: &str) -> Result<Vec<Filter>> {
        let unknown = || {
            Error::invalid(
                "segment",
                "There is no such segment. GET …/segments lists those that you may use.",
            )
        };
        let id = SegmentId::parse(id).ok_or_else(unknown)?;
        let scope = |owner| SegmentScope { site: self.site.site.id, owner };
        let shared = segments::get(self.reader.connection, scope(None), id);
        let found = match (shared, self.site.token_user) {
            (Err(Error::Missing(_)), Some(user)) => {
                segments::get(self.reader.connection, scope(Some(user)), id)
            }
            (shared, _) => shared,
        };
        match found {
            Ok(segment) => filter::read(&segment.conditions),
            Err(Error::Missing(_)) => Err(unknown()),
            Err(error) => Err(error),
        }
    }
}
